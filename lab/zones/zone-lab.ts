import { startGrpcBackend, startHttpBackend } from "../backends.js";
import { Fingerpost, type ServiceConfig } from "../fingerpost.js";
import type { LoadResult } from "../load.js";
import { waitUntil } from "../wait-until.js";
import { ZoneProcess } from "./zone-process.js";
import { REGION, type StartClient, type ZonedClient } from "./zoned-client.js";

export const ZONES = ["a", "b", "c"] as const;

/** How many endpoints each zone has. */
export type Layout = readonly [number, number, number];

/** What was seen of a service: parts of all requests, but for `failed`. */
export interface ZoneFigures {
	/** What stayed in the client's zone. */
	readonly local: number;
	/** What could have stayed there: what each zone's part of the endpoints bears of its part of the clients. */
	readonly possible: number;
	/** The busiest endpoint, by the mean of all. */
	readonly hottest: number;
	readonly failed: number;
}

interface ZoneService {
	readonly answer: {
		readonly zones: readonly { readonly zone: string; readonly clients: number; readonly demand: number }[] | null;
		readonly clients: { readonly asking: number; readonly acked: number };
	};
}

export interface ZoneLabOptions {
	readonly protocol: "http1" | "grpc";
	/** More keys of all services. */
	readonly settings?: ServiceConfig & object;
	/** How many endpoints each service has in each zone, by its name. */
	readonly layouts: Readonly<Record<string, Layout>>;
	readonly start: StartClient;
	/** The zones of the clients. */
	readonly clients: readonly (typeof ZONES)[number][];
	/** Whether each zone of a service is a process of its own, which can be killed; what it is asked takes so many milliseconds. */
	readonly processes?: { readonly takes: number };
}

/** What a zone has of a service. */
interface ZoneBackends extends AsyncDisposable {
	readonly addresses: readonly string[];
}

/** A Fingerpost, endpoints in three zones, and clients in some of these. All is on this machine. */
export class ZoneLab implements AsyncDisposable {
	readonly #owned = new AsyncDisposableStack();
	readonly #options: ZoneLabOptions;
	/** By service and zone. */
	readonly #backends = new Map<string, ZoneBackends>();
	readonly #clients: { readonly zone: string; readonly client: ZonedClient }[] = [];
	fingerpost!: Fingerpost;

	private constructor(options: ZoneLabOptions) {
		this.#options = options;
	}

	/** Starts all; what had started is ended if one fails. */
	static async start(options: ZoneLabOptions): Promise<ZoneLab> {
		const lab = new ZoneLab(options);
		try {
			await lab.#start();
		} catch (reason) {
			await lab[Symbol.asyncDispose]();
			throw reason;
		}
		return lab;
	}

	get services(): readonly string[] {
		return Object.keys(this.#options.layouts);
	}

	/** Waits until every client is counted, and has what it is to have by that. */
	async settled(service: string): Promise<void> {
		const { length } = this.#clients;
		const zones = new Set(this.#clients.map(({ zone }) => zone)).size;
		await waitUntil(`the clients of ${service} count`, async () => {
			const answer = await this.fingerpost.api<ZoneService["answer"]>(`/services/${service}`);
			const counted = (answer.zones ?? []).filter(({ demand }) => demand > 0).length;
			return counted === zones && answer.clients.acked === length;
		});
	}

	/** Has every client make so many calls, which are counted once the service has settled. */
	async measure(service: string, calls: number): Promise<ZoneFigures> {
		// So that all of them ask for it.
		for (const { client } of this.#clients) await client.calls(service, 1);
		await this.settled(service);
		const results: LoadResult[] = [];
		for (const { client } of this.#clients) results.push(await client.calls(service, calls));
		return this.#figures(service, results);
	}

	/** How many endpoints each client uses, in as many calls. */
	async used(service: string, calls: number): Promise<number[]> {
		const used: number[] = [];
		for (const { client } of this.#clients)
			used.push(Object.keys((await client.calls(service, calls)).byBackend).length);
		return used;
	}

	/** Runs a load by all clients meanwhile. @returns how many of its calls failed, and in what words. */
	async underLoad(service: string, work: () => Promise<void>): Promise<readonly string[]> {
		await this.startLoads(service);
		await work();
		const results = await this.stopLoads(service);
		const quiet = results.filter(({ ok }) => ok === 0).map(() => "a load without an answer");
		return [...quiet, ...results.flatMap(({ failures }) => failures)];
	}

	/** Starts a load by each client. */
	async startLoads(service: string): Promise<void> {
		for (const { client } of this.#clients) await client.startLoad(service);
	}

	/** What the loads have counted so far, in the order of the clients. */
	async readLoads(service: string): Promise<readonly LoadResult[]> {
		return Promise.all(this.#clients.map(({ client }) => client.readLoad(service)));
	}

	async stopLoads(service: string): Promise<readonly LoadResult[]> {
		return Promise.all(this.#clients.map(({ client }) => client.stopLoad(service)));
	}

	/** The process of a zone, for it to be killed. */
	processOf(service: string, zone: string): ZoneProcess {
		const process = this.#backends.get(keyOf(service, zone));
		if (!(process instanceof ZoneProcess)) throw new Error("its back ends have no process of their own");
		return process;
	}

	/** Ends a zone as it is done in order: its endpoints are taken out, and end once nobody has them any more. */
	async endZone(service: string, zone: string): Promise<void> {
		const backends = this.#backends.get(keyOf(service, zone));
		this.#backends.delete(keyOf(service, zone));
		await this.#serve(service);
		await backends?.[Symbol.asyncDispose]();
	}

	/** Brings the zone back. */
	async startZone(service: string, zone: string, endpoints: number): Promise<void> {
		await this.#startBackends(service, zone, endpoints);
		await this.#serve(service);
	}

	#addresses(service: string, zone: string): readonly string[] {
		return this.#backends.get(keyOf(service, zone))?.addresses ?? [];
	}

	async #start(): Promise<void> {
		const { layouts, start, clients } = this.#options;
		for (const [service, layout] of Object.entries(layouts))
			for (const [i, zone] of ZONES.entries()) await this.#startBackends(service, zone, layout[i] as number);
		const services = Object.fromEntries(this.services.map((name) => [name, this.#definition(name)]));
		this.fingerpost = this.#owned.use(await Fingerpost.start({ services }));
		for (const [i, zone] of clients.entries()) {
			const client = this.#owned.use(await start(this.fingerpost.xdsPort, `client-${i}-in-${zone}`, zone));
			this.#clients.push({ zone, client });
		}
	}

	async #startBackends(service: string, zone: string, count: number): Promise<void> {
		const { protocol, processes } = this.#options;
		const names = Array.from({ length: count }, (_, i) => `${zone}${i}`);
		const started = processes
			? await ZoneProcess.start({ protocol, names, ...processes })
			: await startAll(protocol, names);
		this.#backends.set(keyOf(service, zone), this.#owned.use(started));
	}

	#definition(service: string): ServiceConfig {
		const endpoints = ZONES.flatMap((zone) =>
			this.#addresses(service, zone).map((address) => ({ address, locality: { region: REGION, zone } })),
		);
		return { protocol: this.#options.protocol, ...this.#options.settings, endpoints };
	}

	/** Waits until all clients have what there is. */
	async #serve(service: string): Promise<void> {
		const count = ZONES.reduce((sum, zone) => sum + this.#addresses(service, zone).length, 0);
		await this.fingerpost.setServices({ [service]: this.#definition(service) });
		await waitUntil("the clients have the change", async () => {
			const { endpoints, clients } = await this.fingerpost.api<
				ZoneService["answer"] & { readonly endpoints: { readonly total: number } }
			>(`/services/${service}`);
			return endpoints.total === count && clients.acked === this.#clients.length;
		});
	}

	#figures(service: string, results: readonly LoadResult[]): ZoneFigures {
		const byZone = new Map<string, number>(ZONES.map((zone) => [zone, this.#addresses(service, zone).length]));
		const endpoints = [...byZone.values()].reduce((sum, each) => sum + each, 0);
		const perEndpoint = new Map<string, number>();
		let [all, local, failed] = [0, 0, 0];
		for (const [i, { ok, failed: lost, byBackend }] of results.entries()) {
			all += ok;
			failed += lost;
			for (const [name, count] of Object.entries(byBackend)) {
				perEndpoint.set(name, (perEndpoint.get(name) ?? 0) + count);
				if (name.startsWith(this.#clients[i]?.zone ?? "")) local += count;
			}
		}
		const possible = ZONES.reduce((sum, zone) => {
			const clients = this.#clients.filter((each) => each.zone === zone).length / this.#clients.length;
			return sum + Math.min(clients, (byZone.get(zone) as number) / endpoints);
		}, 0);
		return { local: local / all, possible, hottest: (Math.max(...perEndpoint.values()) * endpoints) / all, failed };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#owned.disposeAsync();
	}
}

function keyOf(service: string, zone: string): string {
	return `${service} ${zone}`;
}

/** In this process. */
async function startAll(protocol: "http1" | "grpc", names: readonly string[]): Promise<ZoneBackends> {
	const start = protocol === "grpc" ? startGrpcBackend : startHttpBackend;
	await using owned = new AsyncDisposableStack();
	const addresses: string[] = [];
	for (const name of names) addresses.push(owned.use(await start(name)).address);
	const started = owned.move();
	return { addresses, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
