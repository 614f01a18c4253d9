import { FakeAgent, hostAndPort, type Question } from "./fake-agent.js";

/** An instance, as an agent registers it. */
export interface ConsulInstance {
	/** `127.0.0.1:8001` */
	readonly address: string;
	/** The parts of an entry that are to be others, by level. */
	readonly Node?: object;
	readonly Service?: object;
	readonly Checks?: readonly object[];
}

/** Consul's health endpoint, catalog and checks on loopback. */
export class FakeConsul extends FakeAgent<ConsulInstance> {
	protected readonly tokenHeader = "x-consul-token";

	static start(): Promise<FakeConsul> {
		return new FakeConsul().listen();
	}

	protected questionOf(path: string): Question | undefined {
		const [, name] = /^\/v1\/health\/service\/([^/]+)$/.exec(path) ?? [];
		if (name !== undefined) return { of: "service", name: decodeURIComponent(name) };
		if (path === "/v1/catalog/services") return { of: "list" };
		if (path === "/v1/health/state/any") return { of: "checks" };
		return path === "/v1/catalog/datacenters" ? { body: ["dc1", "dc2"] } : undefined;
	}

	protected indexOf(service: string): number {
		return this.services.get(service)?.index ?? 1;
	}

	protected headers(index: number): Readonly<Record<string, string>> {
		return {
			"x-consul-index": String(index),
			"x-consul-knownleader": "true",
			"x-consul-default-acl-policy": "allow",
		};
	}

	/** What the catalog has: all services with instances, and their tags. */
	protected list(): unknown {
		const all = [...this.services].filter(([, { entries }]) => entries.length > 0);
		const tags = (entries: readonly object[]) =>
			entries.flatMap((entry) => (entry as { Service: { Tags?: readonly string[] } }).Service.Tags ?? []);
		return { consul: [], ...Object.fromEntries(all.map(([name, { entries }]) => [name, tags(entries)])) };
	}

	protected override checks(): unknown {
		const all = [...this.services].flatMap(([name, { entries }]) => entries.map((entry) => [name, entry] as const));
		return all.flatMap(([ServiceName, entry]) => {
			const { Service, Checks } = entry as { Service: { ID: string }; Checks: readonly { Status: string }[] };
			const failing = Checks.filter(({ Status }) => Status !== "passing");
			return failing.map((check) => ({ ServiceID: Service.ID, ServiceName, ...check }));
		});
	}

	protected entryOf(service: string, { address, Node, Service, Checks = [] }: ConsulInstance): object {
		const { host, port } = hostAndPort(address);
		return {
			Node: { ID: "0a", Node: "node-1", Address: "10.9.9.9", Datacenter: "dc1", Meta: {}, ...Node },
			Service: {
				...{ ID: `${service}-${port}`, Service: service, Tags: [], Meta: null, Address: host, Port: port },
				...{ Weights: { Passing: 1, Warning: 1 }, ModifyIndex: 7 },
				...Service,
			},
			Checks: [
				{ Node: "node-1", CheckID: "serfHealth", Status: "passing", Output: "" },
				...Checks.map((check) => ({ Node: "node-1", ...check })),
			],
		};
	}
}
