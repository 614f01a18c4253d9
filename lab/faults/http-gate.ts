import { once } from "node:events";
import {
	type ClientRequest,
	createServer,
	type IncomingMessage,
	type RequestOptions,
	request as requestPlain,
	type Server,
	type ServerResponse,
} from "node:http";
import { request as requestTls } from "node:https";
import { ownHost, PORT } from "./own-host.js";
import { rewritten } from "./rewritten.js";

/** What a gate does in place of passing on. A number is the status of every answer. */
export type HttpFault = "refused" | "hangs" | "blank" | "half" | "garbage" | number;

/** Where a gate leads to: a port of 127.0.0.1 or a Unix socket; by TLS where there is a `ca`. */
export type Upstream = Pick<RequestOptions, "port" | "socketPath"> & { readonly ca?: string };

export interface HttpGateOptions {
	/** The path of a Unix socket at which it listens; a port of an address of its own unless given. */
	readonly at?: string;
	readonly to: Upstream;
	/** What becomes of each line of an answer. */
	readonly rewrite?: (line: string) => string;
}

const PAGE = "<!doctype html><title>Sign in</title><p>Please sign in to this network.";
/** After this time half of what has come is sent on: milliseconds. */
const HALF_AFTER_MS = 300;
/** What makes a source wait before it answers. */
const WAITING = ["index", "wait", "watch"];

interface Exchange {
	readonly response: ServerResponse;
	readonly upstream: ClientRequest;
	answer?: IncomingMessage;
}

/** A relay of HTTP that can do to its clients what a source, or something on the way to it, does when it fails. */
export class HttpGate implements AsyncDisposable {
	readonly #options: HttpGateOptions;
	readonly #server: Server;
	readonly #host = ownHost();
	readonly #exchanges = new Set<Exchange>();
	/** Requests so far. */
	asked = 0;
	#to: Upstream;
	#fault: HttpFault | undefined;
	#halves = 0;

	private constructor(options: HttpGateOptions) {
		this.#options = options;
		this.#to = options.to;
		this.#server = createServer((request, response) => this.#serve(request, response));
		this.#server.keepAliveTimeout = 0;
	}

	static async start(options: HttpGateOptions): Promise<HttpGate> {
		const gate = new HttpGate(options);
		await gate.#listen();
		return gate;
	}

	/** Where it listens unless at a socket. */
	get url(): string {
		return `http://${this.#host}:${PORT}`;
	}

	/** From now on all requests lead to there. */
	lead(to: Upstream): void {
		this.#to = to;
	}

	/** What is under way breaks off, or falls silent for ever. */
	async fail(fault: HttpFault): Promise<void> {
		this.#fault = fault;
		if (fault === "hangs") for (const exchange of [...this.#exchanges]) this.#mute(exchange);
		else if (fault === "refused") await this.#close();
		else this.breakAll();
	}

	/** What is under way breaks off. */
	breakAll(): void {
		this.#server.closeAllConnections();
	}

	async pass(): Promise<void> {
		this.#fault = undefined;
		if (!this.#server.listening) await this.#listen();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#close();
	}

	async #listen(): Promise<void> {
		const { at } = this.#options;
		this.#server.listen(at === undefined ? { host: this.#host, port: PORT } : { path: at });
		await once(this.#server, "listening");
	}

	async #close(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	#serve(request: IncomingMessage, response: ServerResponse): void {
		this.asked++;
		// Which side broke is for the client to find out.
		response.on("error", () => {});
		if (this.#fault === "hangs") return;
		if (typeof this.#fault === "number") response.writeHead(this.#fault).end(`{"message":"said ${this.#fault}"}`);
		else if (this.#fault === "blank") response.writeHead(200, { "content-type": "application/json" }).end();
		else if (this.#fault === "garbage") response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
		else this.#pass(request, response);
	}

	#pass(request: IncomingMessage, response: ServerResponse): void {
		const half = this.#fault === "half";
		const { ca, ...to } = this.#to;
		const path = half ? withoutWaiting(request.url ?? "/") : request.url;
		const options = { ...to, host: "127.0.0.1", path, method: request.method, headers: request.headers, agent: false };
		const upstream = ca === undefined ? requestPlain(options) : requestTls({ ...options, ca });
		const exchange: Exchange = { response, upstream };
		this.#exchanges.add(exchange);
		upstream.on("error", () => response.destroy());
		response.on("close", () => {
			this.#exchanges.delete(exchange);
			upstream.destroy();
		});
		upstream.on("response", (answer) => {
			exchange.answer = answer;
			answer.on("error", () => response.destroy());
			const { "content-length": _, ...headers } = answer.headers;
			if (half) {
				void this.#half(answer, response);
				return;
			}
			response.writeHead(answer.statusCode ?? 502, headers).flushHeaders();
			(this.#options.rewrite ? answer.pipe(rewritten(this.#options.rewrite)) : answer).pipe(response);
		});
		request.pipe(upstream);
	}

	/** By turns the answer breaks off, and ends as if it were whole. */
	async #half(answer: IncomingMessage, response: ServerResponse): Promise<void> {
		const pieces: Buffer[] = [];
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, HALF_AFTER_MS);
		answer.on("data", (piece: Buffer) => pieces.push(piece)).on("end", resolve);
		await promise;
		clearTimeout(timer);
		const { rewrite = (line: string) => line } = this.#options;
		const all = rewrite(Buffer.concat(pieces).toString());
		const { "content-length": _, "transfer-encoding": __, etag: ___, ...headers } = answer.headers;
		response.writeHead(answer.statusCode ?? 502, headers).write(all.slice(0, Math.max(1, all.length / 2)));
		if (this.#halves++ % 2 === 0) setImmediate(() => response.destroy());
		else response.end();
	}

	#mute({ response, upstream, answer }: Exchange): void {
		answer?.unpipe().resume();
		upstream.removeAllListeners("response").on("response", (late) => late.resume());
		response.removeAllListeners("close");
	}
}

function withoutWaiting(path: string): string {
	const url = new URL(path, "http://localhost");
	for (const name of WAITING) url.searchParams.delete(name);
	return url.pathname + url.search;
}
