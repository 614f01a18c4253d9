import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a fake agent is asked. */
export interface AgentRequest {
	readonly path: string;
	readonly query: URLSearchParams;
	readonly token: string | undefined;
	/** How many requests came before. */
	readonly index: number;
	/** By performance.now(). */
	readonly at: number;
}

/** How a request is answered other than from the services. */
export interface AgentReaction {
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

/** What a path asks for: a service, the list of all, the checks, or what is there at once. */
export type Question =
	| { readonly of: "service"; readonly name: string }
	| { readonly of: "list" | "checks" }
	| { readonly body: unknown };

export interface ServiceState {
	/** That of its last change. */
	readonly index: number;
	readonly entries: readonly object[];
}

interface Blocked {
	/** What it waits for: `service web`, `list`, `checks`. */
	readonly what: string;
	answer(): void;
}

/** An agent's HTTP API on loopback, with blocking queries, that does what the test tells it to and counts. */
export abstract class FakeAgent<Instance extends { readonly address: string }> implements AsyncDisposable {
	readonly requests: AgentRequest[] = [];
	/** Overrides the services where it gives something. */
	react: (request: AgentRequest) => AgentReaction | undefined = () => undefined;
	/** The most queries that waited at once so far. */
	most = 0;
	protected readonly services = new Map<string, ServiceState>();
	protected index = 100;
	readonly #blocked = new Set<Blocked>();
	readonly #server: Server;

	constructor() {
		this.#server = createServer((request, response) => this.#answer(request, response));
		// A connection that nobody uses stays until the client ends it.
		this.#server.keepAliveTimeout = 0;
	}

	/** The header with the token, in small letters. */
	protected abstract readonly tokenHeader: string;
	/** What the path asks for; undefined if there is no such path. */
	protected abstract questionOf(path: string): Question | undefined;
	protected abstract entryOf(service: string, instance: Instance): object;
	protected abstract indexOf(service: string): number;
	/** The answer for the list of services. */
	protected abstract list(): unknown;
	protected abstract headers(index: number): Readonly<Record<string, string>>;
	/** The checks that do not pass. */
	protected checks(): unknown {
		return [];
	}

	async listen(): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
		return this;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
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

	/** That of the last change. */
	get lastIndex(): number {
		return this.index;
	}

	/** Sets the instances of a service, each by its address or with more. Queries that wait for it are answered. */
	set(service: string, ...instances: readonly (string | Instance)[]): void {
		this.replace(service, ...instances);
		this.#tell(`service ${service}`);
		this.#tell("list");
		this.tellChecks();
	}

	/** Queries that wait for the checks are answered, as if one had changed. */
	tellChecks(): void {
		this.#tell("checks");
	}

	/** The same as set(), but nobody is told. */
	replace(service: string, ...instances: readonly (string | Instance)[]): void {
		const entries = instances.map((each) =>
			this.entryOf(service, typeof each === "string" ? ({ address: each } as Instance) : each),
		);
		this.services.set(service, { index: ++this.index, entries });
	}

	/** As if an old backup had been restored: indexes begin again here. */
	rewind(index: number): void {
		this.index = index;
		for (const [name, { entries }] of this.services) this.services.set(name, { index, entries });
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

	#tell(what: string): void {
		for (const blocked of [...this.#blocked]) if (blocked.what === what) blocked.answer();
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://localhost");
		const token = request.headers[this.tokenHeader] as string | undefined;
		const asked = { path: pathname, query, token, index: this.requests.length, at: performance.now() };
		this.requests.push(asked);
		const reaction = this.react(asked);
		if (reaction?.silent) return;
		if (reaction?.hangUp) {
			request.socket.destroy();
			return;
		}
		const question = this.questionOf(pathname);
		if (reaction) this.#reply(response, question ?? { body: [] }, reaction);
		else if (!question) this.#reply(response, { body: "" }, { status: 404, body: "Not Found" });
		else if ("body" in question) this.#reply(response, question);
		else this.#block(question, query, response);
	}

	#block(question: Exclude<Question, { body: unknown }>, query: URLSearchParams, response: ServerResponse): void {
		const index = Number(query.get("index") ?? 0);
		if (index < this.#indexOf(question) || index === 0) {
			this.#reply(response, question);
			return;
		}
		const forget = () => {
			clearTimeout(timer);
			this.#blocked.delete(blocked);
		};
		const blocked: Blocked = {
			what: question.of === "service" ? `service ${question.name}` : question.of,
			answer: () => {
				forget();
				this.#reply(response, question);
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

	#indexOf(question: Question): number {
		return "of" in question && question.of === "service" ? this.indexOf(question.name) : this.index;
	}

	#bodyOf(question: Question): unknown {
		if ("body" in question) return question.body;
		if (question.of === "service") return this.services.get(question.name)?.entries ?? [];
		return question.of === "list" ? this.list() : this.checks();
	}

	#reply(response: ServerResponse, question: Question, { status = 200, body, headers = {} }: AgentReaction = {}): void {
		const all = { ...this.headers(this.#indexOf(question)), ...headers };
		const written = body ?? this.#bodyOf(question);
		const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
		response.writeHead(status, sent).end(typeof written === "string" ? written : JSON.stringify(written));
	}
}

/** Host and port of `127.0.0.1:8001`. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
	const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
	return { host, port: Number(port) };
}

/** Of `40s` or `10ms`. */
function millisecondsOf(wait: string): number {
	return Number.parseFloat(wait) * (wait.endsWith("ms") ? 1 : 1_000);
}
