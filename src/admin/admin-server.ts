import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { isLocal, type ListenAddress, unixSocket } from "../model/listen/listen-address.js";
import { ListenFailed } from "../model/listen/listen-failed.js";
import { FingerpostError } from "../util/errors.js";
import { listenOnSocket } from "../util/net/unix-listener.js";
import { Turns } from "../util/slices.js";
import { stopHttpServer } from "../util/stop-http-server.js";
import { httpServer } from "../util/tls/http-server.js";
import type { AdminRoute } from "./admin-route.js";
import { ADMIN_ROUTES, matchPath } from "./admin-routes.js";
import type { AdminServerOptions } from "./admin-server-options.js";
import { AdminGuard } from "./guard/admin-guard.js";
import { ConnectionBudget } from "./listener/connection-budget.js";
import { ServiceNames } from "./lists/service-names.js";
import { errorReply, type Reply } from "./reply.js";
import { writeReply } from "./write-reply.js";

/** No route reads a body; one up to this many bytes is passed over. */
const MAX_BODY_BYTES = 64 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A connection on which nothing moves, be it a client that does not read its answer. */
const SOCKET_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 512;
/** Answers that are put together at a time; each takes its slices of the event loop in turn. */
const MAX_ANSWERS = 32;

/** The HTTP server of the admin API, the metrics and the page, or of some of these. */
export class AdminServer implements AsyncDisposable {
	readonly #options: AdminServerOptions;
	readonly #guard: AdminGuard;
	#server: Server | undefined;
	readonly #turns = new Turns();
	readonly #serviceNames: ServiceNames;
	#answering = 0;

	constructor(options: AdminServerOptions) {
		this.#options = options;
		this.#serviceNames = new ServiceNames(options.sources);
		const { listen, hosts, tls, tokens } = options;
		const checksHost = listen.path === undefined && (hosts !== undefined || isLocal(listen));
		this.#guard = new AdminGuard({ checksHost, hosts, tls, tokens });
	}

	/** @throws FingerpostError LISTEN_FAILED if the address cannot be bound, such as a port in use. */
	async start(): Promise<void> {
		const { listen, setting = "admin.listen", socketMode = "660", onError } = this.#options;
		const server = this.#create();
		this.#server = server;
		try {
			if (listen.path === undefined) await listenOn(server, listen);
			else await listenOnSocket(server, listen.path, socketMode);
		} catch (cause) {
			throw new ListenFailed("the admin API cannot listen", setting, listen, cause as Error);
		}
		// Such as EMFILE on accept: the server goes on.
		server.on("error", (error) => onError?.(error));
	}

	/** Where it listens, with the port really bound; undefined before start() and after stop(). */
	get address(): ListenAddress | undefined {
		const bound = this.#server?.address();
		if (!bound) return undefined;
		if (typeof bound === "string") return unixSocket(bound);
		return { host: bound.address, port: bound.port };
	}

	/** Takes no more requests, lets those in flight finish for up to 1 s, and closes every connection. */
	async stop(): Promise<void> {
		this.#options.events?.close();
		if (this.#server) await stopHttpServer(this.#server);
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}

	#create(): Server {
		const { tls, onRefused } = this.#options;
		const times = {
			headersTimeout: HEADERS_TIMEOUT_MS,
			requestTimeout: REQUEST_TIMEOUT_MS,
			connectionsCheckingInterval: 1_000,
		};
		const server = httpServer(times, tls, (address, reason) => onRefused?.(address, reason));
		new ConnectionBudget(server, MAX_CONNECTIONS);
		server.setTimeout(SOCKET_TIMEOUT_MS);
		server.on("request", (request, response) => void this.#serve(request, response));
		return server;
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		limitBody(request);
		this.#tellAnswered(request, response);
		this.#answering++;
		let isLive = false;
		try {
			const reply = this.#guard.refuse(request) ?? (await this.#answer(request, response));
			isLive = reply.live !== undefined;
			// What has no end is limited by itself, and keeps no others out.
			if (isLive) this.#answering--;
			// A stopping server would otherwise wait for the client to let go of its connection.
			if (!this.#server?.listening) response.shouldKeepAlive = false;
			await writeReply(reply, request, response);
		} catch (error) {
			// Nobody waits for it any more.
			if (response.destroyed) return;
			this.#options.onError?.(error);
			// Of an answer that has begun the client sees that it does not end.
			if (response.headersSent) response.destroy();
			else await writeReply(internalError(), request, response);
		} finally {
			if (!isLive) this.#answering--;
		}
	}

	#tellAnswered(request: IncomingMessage, response: ServerResponse): void {
		const { onAnswered } = this.#options;
		if (!onAnswered) return;
		const { socket, method = "", url: path = "" } = request;
		const address = socket.remoteAddress === undefined ? "unix:" : `${socket.remoteAddress}:${socket.remotePort}`;
		const isWrite = method !== "GET" && method !== "HEAD";
		const who = isWrite ? this.#guard.who(request) : undefined;
		const start = performance.now();
		response.once("close", () => {
			const seconds = (performance.now() - start) / 1_000;
			onAnswered({ address, method, path, status: response.statusCode, seconds, isWrite, who });
		});
	}

	/** An answer that is waited for keeps no others out. */
	async #answer(request: IncomingMessage, response: ServerResponse): Promise<Reply> {
		const left = new AbortController();
		response.once("close", () => left.abort());
		const reply = this.#route(request, left.signal);
		if (!(reply instanceof Promise)) return reply;
		this.#answering--;
		try {
			return await reply;
		} finally {
			this.#answering++;
		}
	}

	#route(request: IncomingMessage, signal: AbortSignal): Reply | Promise<Reply> {
		// Not by URL: it would take `.` and `..`, which may stand in a service's name, for folders.
		const [, path, query] = /^(?:https?:\/\/[^/?]*)?([^?#]*)\??([^#]*)/.exec(request.url ?? "/") as unknown as string[];
		const method = request.method === "HEAD" ? "GET" : request.method;
		const allowed: string[] = [];
		for (const route of this.#options.routes ?? ADMIN_ROUTES) {
			const encoded = matchPath(route, path || "/");
			if (encoded === undefined) continue;
			if (route.method === method) return this.#handle(route, encoded, query as string, signal);
			allowed.push(...(route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
		}
		if (allowed.length === 0) return errorReply(404, `there is no ${path}; / lists what there is`);
		const allow = allowed.join(", ");
		return errorReply(405, `${path} takes ${allow}, not ${request.method}`, {}, { allow });
	}

	#handle(route: AdminRoute, encoded: string, query: string, signal: AbortSignal): Reply | Promise<Reply> {
		let argument: string;
		try {
			argument = decodeURIComponent(encoded);
		} catch {
			return errorReply(400, `"${encoded}" has a broken percent escape`);
		}
		const { sources, metrics, events } = this.#options;
		const [serviceNames, turns] = [this.#serviceNames, this.#turns];
		try {
			const parts = { sources, metrics, events, serviceNames, turns, signal };
			const reply = route.handle({ ...parts, argument, query: new URLSearchParams(query) });
			if (reply instanceof Promise) return reply;
			const isLong = typeof reply.body !== "string" && !reply.live;
			return isLong && this.#answering > MAX_ANSWERS ? tooManyAnswers() : reply;
		} catch (error) {
			if (error instanceof FingerpostError && error.code === "USAGE") return errorReply(400, error.message);
			throw error;
		}
	}
}

function listenOn(server: Server, { host, port }: ListenAddress): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ host, port }, () => {
			server.off("error", reject);
			resolve();
		});
	});
}

function internalError(): Reply {
	return errorReply(500, "internal error; the log of the control plane has the details");
}

function tooManyAnswers(): Reply {
	return errorReply(503, `${MAX_ANSWERS} answers are being read; try again`, {}, { "retry-after": "1" });
}

function limitBody(request: IncomingMessage): void {
	let bytes = 0;
	request.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes > MAX_BODY_BYTES) request.destroy();
	});
	// The peer went away or sent rubbish: its own affair, and there is nobody to answer.
	request.on("error", () => {});
}
