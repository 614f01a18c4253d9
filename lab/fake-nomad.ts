import { FakeAgent, hostAndPort, type Question } from "./fake-agent.js";

/** An instance of one of Nomad's own services. */
export interface NomadInstance {
	/** `127.0.0.1:8001` */
	readonly address: string;
	readonly Tags?: readonly string[];
	/** What else of the registration is to be other. */
	readonly more?: object;
}

/** Nomad's two endpoints of services on loopback; answers have the form that its documentation shows. */
export class FakeNomad extends FakeAgent<NomadInstance> {
	protected readonly tokenHeader = "x-nomad-token";

	static start(): Promise<FakeNomad> {
		return new FakeNomad().listen();
	}

	protected questionOf(path: string): Question | undefined {
		const [, name] = /^\/v1\/service\/([^/]+)$/.exec(path) ?? [];
		if (name !== undefined) return { of: "service", name: decodeURIComponent(name) };
		return path === "/v1/services" ? { of: "list" } : undefined;
	}

	/** That of the whole table, whichever service has changed. */
	protected indexOf(): number {
		return this.index;
	}

	protected headers(index: number): Readonly<Record<string, string>> {
		return { "x-nomad-index": String(index), "x-nomad-knownleader": "true", "x-nomad-lastcontact": "0" };
	}

	/** All services with instances; without any there is not even a namespace. */
	protected list(): unknown {
		const all = [...this.services].filter(([, { entries }]) => entries.length > 0);
		if (all.length === 0) return [];
		const tags = (entries: readonly object[]) =>
			entries.flatMap((entry) => (entry as { Tags: readonly string[] | null }).Tags ?? []);
		const Services = all.map(([ServiceName, { entries }]) => ({ ServiceName, Tags: [...new Set(tags(entries))] }));
		return [{ Namespace: "default", Services }];
	}

	protected entryOf(service: string, { address, Tags, more }: NomadInstance): object {
		const { host, port } = hostAndPort(address);
		const AllocID = "5f0730ca-b055-52ac-f56e-358f3f7412f6";
		return {
			...{ Address: host, AllocID, CreateIndex: 18, Datacenter: "dc1" },
			...{ ID: `_nomad-task-${AllocID}-group-web-${service}-${port}`, JobID: "shop", ModifyIndex: 18 },
			...{ Namespace: "default", NodeID: "7406e90b-de16-d118-80fe-60d0f2730cb3", Port: port, ServiceName: service },
			Tags: Tags ?? null,
			...more,
		};
	}
}
