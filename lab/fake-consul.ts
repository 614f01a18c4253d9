import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a fake Consul is asked. */
export interface ConsulRequest {
	readonly path: string;
	readonly query: URLSearchParams;
	readonly token: string | undefined;
	/** How many requests came before. */
	readonly index: number;
	/** By performance.now(). */
	readonly at: number;
}

/** How a request is answered other than from the services. */
export interface ConsulReaction {
	/** No answer; the connection stays. */
	readonly silent?: boolean;
	/** No answer; the connection ends. */
	readonly hangUp?: boolean;
	readonly status?: number;
	/** Text as it is, anything else as JSON. */
	readonly body?: unknown;
	/** They come over the usual ones; an empty one is left out. */
	readonly headers?: Readonly<Record<string, string>>;
}

/** An instance, as an agent registers it. */
export interface ConsulInstance {
	/** `127.0.0.1:8001` */
	readonly address: string;
	/** The parts of an entry that are to be others, by level. */
	readonly Node?: object;
	readonly Service?: object;
	readonly Checks?: readonly object[];
}

/** In place of a service: queries of the catalog, and of the checks. */
const CATALOG = "*";
const CHECKS = "*checks";

interface Blocked {
	readonly service: string;
	answer(): void;
}

/** Consul's health endpoint on loopback, with blocking queries, that does what the test tells it to and counts. */
export class FakeConsul implements AsyncDisposable {
	readonly requests: ConsulRequest[] = [];
	/** Overrides the services where it gives something. */
	react: (request: ConsulRequest) => ConsulReaction | undefined = () => undefined;
	/** Queries that wait now, the most so far. */
	most = 0;
	readonly #services = new Map<string, { readonly index: number; readonly entries: readonly object[] }>();
	readonly #blocked = new Set<Blocked>();
	readonly #server: Server;
	#index = 100;

	private constructor() {
		this.#server = createServer((request, response) => this.#answer(request, response));
		// A connection that nobody uses stays until the client ends it.
		this.#server.keepAliveTimeout = 0;
	}

	static async start(): Promise<FakeConsul> {
		const consul = new FakeConsul();
		await new Promise<void>((resolve) => consul.#server.listen(0, "127.0.0.1", resolve));
		return consul;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** Queries that wait for something new. */
	get blocked(): number {
		return this.#blocked.size;
	}

	get connections(): Promise<number> {
		return new Promise((resolve, reject) =>
			this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
		);
	}

	get index(): number {
		return this.#index;
	}

	/** Sets the instances of a service, each by its address or with more. Queries that wait for it are answered. */
	set(service: string, ...instances: readonly (string | ConsulInstance)[]): void {
		this.replace(service, ...instances);
		for (const blocked of [...this.#blocked]) if (blocked.service === service) blocked.answer();
		for (const blocked of [...this.#blocked]) if (blocked.service === CATALOG) blocked.answer();
		this.tellChecks();
	}

	/** Queries that wait for the checks are answered, as if one had changed. */
	tellChecks(): void {
		for (const blocked of [...this.#blocked]) if (blocked.service === CHECKS) blocked.answer();
	}

	/** The same as set(), but nobody is told. */
	replace(service: string, ...instances: readonly (string | ConsulInstance)[]): void {
		const entries = instances.map((each) => entryOf(service, typeof each === "string" ? { address: each } : each));
		this.#services.set(service, { index: ++this.#index, entries });
	}

	/** As if an old backup had been restored: indexes begin again here. */
	rewind(index: number): void {
		this.#index = index;
		for (const [name, { entries }] of this.#services) this.#services.set(name, { index, entries });
	}

	/** All queries that wait are answered, whatever they wait for. */
	answerAll(): void {
		for (const blocked of [...this.#blocked]) blocked.answer();
	}

	/** All connections break. */
	breakAll(): void {
		this.#blocked.clear();
		this.#server.closeAllConnections();
	}

	/** The queries that wait are never answered. */
	stall(): void {
		this.#blocked.clear();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.breakAll();
		await closed;
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://localhost");
		const token = request.headers["x-consul-token"] as string | undefined;
		const asked = { path: pathname, query, token, index: this.requests.length, at: performance.now() };
		this.requests.push(asked);
		const reaction = this.react(asked);
		if (reaction?.silent) return;
		if (reaction?.hangUp) {
			request.socket.destroy();
			return;
		}
		const [, service] = /^\/v1\/health\/service\/([^/]+)$/.exec(pathname) ?? [];
		if (reaction) this.#reply(response, service ?? CATALOG, reaction);
		else if (pathname === "/v1/catalog/services") this.#block(CATALOG, query, response);
		else if (pathname === "/v1/health/state/any") this.#block(CHECKS, query, response);
		else if (pathname === "/v1/catalog/datacenters") this.#reply(response, CATALOG, { body: ["dc1", "dc2"] });
		else if (service === undefined) this.#reply(response, "", { status: 404, body: "Not Found" });
		else this.#block(decodeURIComponent(service), query, response);
	}

	#block(service: string, query: URLSearchParams, response: ServerResponse): void {
		const index = Number(query.get("index") ?? 0);
		if (index < this.#indexOf(service) || index === 0) {
			this.#reply(response, service);
			return;
		}
		const forget = () => {
			clearTimeout(timer);
			this.#blocked.delete(blocked);
		};
		const blocked: Blocked = {
			service,
			answer: () => {
				forget();
				this.#reply(response, service);
			},
		};
		const timer = setTimeout(
			() => {
				if (this.#blocked.has(blocked)) blocked.answer();
			},
			millisecondsOf(query.get("wait") ?? "300s"),
		);
		this.#blocked.add(blocked);
		this.most = Math.max(this.most, this.#blocked.size);
		response.on("close", forget);
	}

	/** What the catalog has: all services with instances, and their tags. */
	#catalog(): Readonly<Record<string, readonly string[]>> {
		const all = [...this.#services].filter(([, { entries }]) => entries.length > 0);
		const tags = (entries: readonly object[]) =>
			entries.flatMap((entry) => (entry as { Service: { Tags?: readonly string[] } }).Service.Tags ?? []);
		return { consul: [], ...Object.fromEntries(all.map(([name, { entries }]) => [name, tags(entries)])) };
	}

	/** The checks that do not pass. */
	#failing(): readonly object[] {
		const all = [...this.#services].flatMap(([name, { entries }]) => entries.map((entry) => [name, entry] as const));
		return all.flatMap(([ServiceName, entry]) => {
			const { Service, Checks } = entry as { Service: { ID: string }; Checks: readonly { Status: string }[] };
			const failing = Checks.filter(({ Status }) => Status !== "passing");
			return failing.map((check) => ({ ServiceID: Service.ID, ServiceName, ...check }));
		});
	}

	#indexOf(service: string): number {
		if (service === CATALOG || service === CHECKS) return this.#index;
		return this.#services.get(service)?.index ?? 1;
	}

	#reply(response: ServerResponse, service: string, { status = 200, body, headers = {} }: ConsulReaction = {}): void {
		const all = {
			"x-consul-index": String(this.#indexOf(service)),
			"x-consul-knownleader": "true",
			"x-consul-default-acl-policy": "allow",
			...headers,
		};
		const own = () => {
			if (service === CATALOG) return this.#catalog();
			return service === CHECKS ? this.#failing() : (this.#services.get(service)?.entries ?? []);
		};
		const written = body ?? own();
		const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
		response.writeHead(status, sent).end(typeof written === "string" ? written : JSON.stringify(written));
	}
}

/** Of `40s` or `10ms`. */
function millisecondsOf(wait: string): number {
	return Number.parseFloat(wait) * (wait.endsWith("ms") ? 1 : 1_000);
}

function entryOf(service: string, { address, Node, Service, Checks = [] }: ConsulInstance): object {
	const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
	return {
		Node: { ID: "0a", Node: "node-1", Address: "10.9.9.9", Datacenter: "dc1", Meta: {}, ...Node },
		Service: {
			...{ ID: `${service}-${port}`, Service: service, Tags: [], Meta: null, Address: host, Port: Number(port) },
			...{ Weights: { Passing: 1, Warning: 1 }, ModifyIndex: 7 },
			...Service,
		},
		Checks: [
			{ Node: "node-1", CheckID: "serfHealth", Status: "passing", Output: "" },
			...Checks.map((check) => ({ Node: "node-1", ...check })),
		],
	};
}
