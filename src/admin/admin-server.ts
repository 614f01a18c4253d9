import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { formatHostPort, type HostPort } from "../model/host-port.js";
import { FingerpostError, messageOf } from "../util/errors.js";
import { stopHttpServer } from "../util/stop-http-server.js";
import { ADMIN_ROUTES, type AdminRoute, matchPath } from "./admin-routes.js";
import type { AdminSources } from "./admin-sources.js";
import { isForeignOrigin, isLocalHost, isLoopback } from "./host-check.js";
import type { Metrics } from "./metrics.js";
import { errorReply, type Reply } from "./reply.js";

export interface AdminServerOptions {
	/** Port 0 lets the system choose; `address` then tells which. */
	readonly listen: HostPort;
	readonly sources: AdminSources;
	readonly metrics: Metrics;
	/** Told of every error that a route did not expect; the client sees a 500 without details. */
	readonly onError?: (error: unknown) => void;
}

/** No route reads a body; one up to this many bytes is passed over. */
const MAX_BODY_BYTES = 64 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A connection on which nothing moves, be it a client that does not read its answer. */
const SOCKET_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 512;

/** The HTTP server of the admin API, the metrics and the page. */
export class AdminServer implements AsyncDisposable {
	readonly #options: AdminServerOptions;
	readonly #server: Server;

	constructor(options: AdminServerOptions) {
		this.#options = options;
		this.#server = createServer({
			headersTimeout: HEADERS_TIMEOUT_MS,
			requestTimeout: REQUEST_TIMEOUT_MS,
			connectionsCheckingInterval: 1_000,
		});
		this.#server.maxConnections = MAX_CONNECTIONS;
		this.#server.setTimeout(SOCKET_TIMEOUT_MS);
		this.#server.on("request", (request, response) => void this.#serve(request, response));
	}

	/** @throws FingerpostError LISTEN_FAILED if the address cannot be bound, such as a port in use. */
	async start(): Promise<void> {
		const { host, port } = this.#options.listen;
		await new Promise<void>((resolve, reject) => {
			const failed = (cause: Error) => reject(listenFailed(this.#options.listen, cause));
			this.#server.once("error", failed);
			this.#server.listen({ host, port }, () => {
				this.#server.off("error", failed);
				// Such as EMFILE on accept: the server goes on.
				this.#server.on("error", (error) => this.#options.onError?.(error));
				resolve();
			});
		});
	}

	/** Where it listens, with the port really bound; undefined before start() and after stop(). */
	get address(): HostPort | undefined {
		const bound = this.#server.address() as AddressInfo | null;
		return bound ? { host: bound.address, port: bound.port } : undefined;
	}

	/** Takes no more requests, lets those in flight finish for up to 1 s, and closes every connection. */
	async stop(): Promise<void> {
		await stopHttpServer(this.#server);
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		limitBody(request);
		let reply: Reply;
		try {
			reply = this.#refuse(request) ?? (await this.#route(request));
		} catch (error) {
			this.#options.onError?.(error);
			reply = errorReply(500, "internal error; the log of the control plane has the details");
		}
		if (response.destroyed) return;
		// A stopping server would otherwise wait for the client to let go of its connection.
		if (!this.#server.listening) response.shouldKeepAlive = false;
		response.writeHead(reply.status, {
			"content-type": reply.type,
			"content-length": Buffer.byteLength(reply.body),
			"cache-control": "no-store",
			"x-content-type-options": "nosniff",
			"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
			...reply.headers,
		});
		response.end(request.method === "HEAD" ? undefined : reply.body);
	}

	/** Why the request is not looked at, if it is not. */
	#refuse(request: IncomingMessage): Reply | undefined {
		const { host, origin } = request.headers;
		if (isLoopback(this.#options.listen.host) && host !== undefined && !isLocalHost(host)) {
			return errorReply(403, `the Host "${host}" is not served here: use localhost or an IP address`);
		}
		if (request.method === "POST" && isForeignOrigin(origin, host)) {
			return errorReply(403, `a page of ${origin} may not change anything here`);
		}
		return undefined;
	}

	async #route(request: IncomingMessage): Promise<Reply> {
		// Not by URL: it would take `.` and `..`, which may stand in a service's name, for folders.
		const [, path, query] = /^(?:https?:\/\/[^/?]*)?([^?#]*)\??([^#]*)/.exec(request.url ?? "/") as unknown as string[];
		const method = request.method === "HEAD" ? "GET" : request.method;
		const allowed: string[] = [];
		for (const route of ADMIN_ROUTES) {
			const encoded = matchPath(route, path || "/");
			if (encoded === undefined) continue;
			if (route.method === method) return this.#handle(route, encoded, query as string);
			allowed.push(...(route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
		}
		if (allowed.length === 0) return errorReply(404, `there is no ${path}; / lists what there is`);
		const allow = allowed.join(", ");
		return errorReply(405, `${path} takes ${allow}, not ${request.method}`, {}, { allow });
	}

	#handle(route: AdminRoute, encoded: string, query: string): Reply | Promise<Reply> {
		let argument: string;
		try {
			argument = decodeURIComponent(encoded);
		} catch {
			return errorReply(400, `"${encoded}" has a broken percent escape`);
		}
		const { sources, metrics } = this.#options;
		return route.handle({ sources, metrics, argument, query: new URLSearchParams(query) });
	}
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

function listenFailed(listen: HostPort, cause: Error): FingerpostError {
	const inUse = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
	const why = inUse ? "the port is in use; choose another with --admin-listen" : messageOf(cause);
	return new FingerpostError("LISTEN_FAILED", `the admin API cannot listen on ${formatHostPort(listen)}: ${why}`, {
		cause,
	});
}
