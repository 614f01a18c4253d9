import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { status } from "@grpc/grpc-js";
import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { HostPort } from "../../model/host-port.js";
import { DEFAULT_LIMITS, type LimitName, type Limits, shareOf, withinMemory } from "../../model/limits.js";
import { ListenFailed } from "../../model/listen/listen-failed.js";
import type { ResourceType, TypeId } from "../../resources/resource-type.js";
import { RESOURCE_TYPES } from "../../resources/resource-types.js";
import { memoryToUse } from "../../util/memory-to-use.js";
import { Shares } from "../../util/shares.js";
import { stopHttpServer } from "../../util/stop-http-server.js";
import { cleanText } from "../../util/text/clean-text.js";
import type { FollowedTls } from "../../util/tls/followed-tls.js";
import { httpServer } from "../../util/tls/http-server.js";
import { Access, type AccessSettings } from "../access/access.js";
import type { AccessRules } from "../access/access-rules.js";
import { Authentication } from "../access/authentication.js";
import { nodeIdentity } from "../transport/node-identity.js";
import { MAX_SHOWN, RpcError } from "../wire/rpc-error.js";
import { httpError } from "./http-error.js";
import { PolledSets } from "./polled-sets.js";
import { readBody } from "./read-body.js";
import { answerPoll } from "./rest-answer.js";
import { RestCallers } from "./rest-callers.js";
import type { RestEvents } from "./rest-events.js";
import { type RestRequest, readRestRequest } from "./rest-request.js";

/** Bytes of a request's body: it is parsed in one go. Envoy's has 77 kB, and its names. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_CONNECTIONS = 10_000;
const HEADERS_TIMEOUT_MS = 5_000;
/** For the whole request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Without progress while an answer is written. */
const SOCKET_TIMEOUT_MS = 30_000;
/**
 * Between two polls: longer than any sensible `refresh_delay`, so that none meets a connection that
 * is closing.
 */
const KEEP_ALIVE_MS = 300_000;

const TYPE_OF_PATH = new Map(RESOURCE_TYPES.map((type) => [type.discovery.rest, type]));

export interface RestServerSettings extends AccessSettings {
	readonly limits?: Limits | undefined;
	/** Who a caller is: whose certificate says so, unless given. */
	readonly authentication?: Authentication | undefined;
	/** `control_plane.identifier` of every response; none unless given. */
	readonly identifier?: string | undefined;
	/** Milliseconds between two polls of a client, as far as it is known; a few seconds unless given. */
	readonly interval?: number | undefined;
}

/** An HTTP response. */
interface Reply {
	readonly status: number;
	readonly body: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/**
 * REST-JSON discovery (R39): Envoy's `api_type: REST`, which polls. Nothing is kept of a client, but that it counts in the zone
 * that it names.
 */
export class RestServer implements AsyncDisposable {
	#server: Server | undefined;
	readonly #events: RestEvents;
	readonly #sets: PolledSets;
	/** Bytes of bodies that are in memory. */
	readonly #bodies = new Shares(
		() => this.#limits.unreadBytes,
		() => shareOf(this.#limits.unreadBytes, MAX_BODY_BYTES),
	);
	#limits: Limits;

	readonly #authentication: Authentication;
	readonly #identifier: string | undefined;
	#callers: RestCallers;
	#access: Access;

	/**
	 * @param caches the resources of each type; their clusters and listeners refer to REST, not to
	 *   ADS.
	 */
	constructor(caches: Readonly<Record<TypeId, Cache>>, events: RestEvents = {}, settings: RestServerSettings = {}) {
		const { limits = DEFAULT_LIMITS, authentication = new Authentication(), identifier, interval = 0 } = settings;
		this.#events = events;
		this.#limits = withinMemory(limits, memoryToUse());
		this.#authentication = authentication;
		this.#identifier = identifier;
		this.#callers = new RestCallers(authentication, undefined);
		this.#access = new Access(settings);
		this.#sets = new PolledSets(caches, { limits: () => this.#limits, interval });
	}

	/**
	 * @param tls was started; it serves in clear unless it is given.
	 * @returns the address that is really bound.
	 * @throws FingerpostError LISTEN_FAILED
	 */
	async listen(address: HostPort, tls?: FollowedTls): Promise<HostPort> {
		const { host, port } = address;
		const server = httpServer(
			{
				headersTimeout: HEADERS_TIMEOUT_MS,
				requestTimeout: REQUEST_TIMEOUT_MS,
				keepAliveTimeout: KEEP_ALIVE_MS,
				connectionsCheckingInterval: 1_000,
				noDelay: true,
			},
			tls,
			(address, reason) => this.#events.refused?.(address, reason),
			this.#authentication.takesTokens,
		);
		this.#callers = new RestCallers(this.#authentication, tls);
		this.#server = server;
		server.maxConnections = MAX_CONNECTIONS;
		server.setTimeout(SOCKET_TIMEOUT_MS);
		server.on("request", (request, response) => void this.#serve(request, response));
		await new Promise<void>((resolve, reject) => {
			server.once("error", (error) =>
				reject(new ListenFailed("cannot listen for xDS by REST", "xds.rest.listen", address, error)),
			);
			server.listen({ host, port }, resolve);
		});
		// Such as EMFILE on accept: the server goes on.
		server.removeAllListeners("error").on("error", (error) => this.#events.failed?.(error));
		return { host, port: (server.address() as AddressInfo).port };
	}

	/** Applies new limits and rules from now on. */
	apply({ limits = DEFAULT_LIMITS, ...access }: RestServerSettings): void {
		this.#limits = withinMemory(limits, memoryToUse());
		this.#access = new Access(access, this.#access);
	}

	/**
	 * Takes no more requests, lets those in flight finish for up to 1 s, and closes every connection.
	 */
	async stop(): Promise<void> {
		this.#sets.close();
		if (this.#server) await stopHttpServer(this.#server);
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		// The peer went away or sent garbage: there is nobody to answer.
		request.on("error", () => {});
		const path = /^(?:https?:\/\/[^/?]*)?([^?#]*)/.exec(request.url ?? "")?.[1] ?? "";
		const type = TYPE_OF_PATH.get(path);
		let reply: Reply;
		try {
			if (!type)
				throw new RpcError(status.NOT_FOUND, `there is no ${shown(path)}; ${[...TYPE_OF_PATH.keys()].join(", ")}`);
			reply = await this.#poll(type, request);
		} catch (reason) {
			if (request.destroyed && !request.complete) return;
			if (reason instanceof RpcError && reason.code === status.UNAUTHENTICATED)
				this.#events.unauthenticated?.(addressOf(request), reason.details);
			reply = this.#failed(reason);
		}
		if (type) this.#events.answered?.(type, reply.status, addressOf(request));
		if (response.destroyed) return;
		// After an unread body no other request can follow. And a server that stops must not wait for
		// idle connections.
		if (!request.complete || !this.#server?.listening) response.shouldKeepAlive = false;
		const length = reply.status === 304 ? {} : { "content-length": Buffer.byteLength(reply.body) };
		response.writeHead(reply.status, { "cache-control": "no-store", ...length, ...reply.headers });
		response.end(reply.body);
	}

	async #poll(type: ResourceType, request: IncomingMessage): Promise<Reply> {
		const { method, headers } = request;
		if (method !== "POST") throw new RpcError(status.UNIMPLEMENTED, `discovery takes POST, not ${method}`);
		// Only browsers send an origin: a web page must not read this.
		if (headers.origin !== undefined) throw new RpcError(status.PERMISSION_DENIED, "pages are not served here");
		const identity = await this.#callers.identityOf(request);
		const max = Math.min(MAX_BODY_BYTES, this.#limits.messageBytes);
		const body = await readBody(request, max, this.#bodies);
		return this.#answer(type, await readRestRequest(body, type, this.#limits), identity, request);
	}

	async #answer(
		type: ResourceType,
		poll: RestRequest,
		identity: string | undefined,
		request: IncomingMessage,
	): Promise<Reply> {
		const { node, nonce, error } = poll;
		const { view, ...named } = nodeIdentity(node);
		const [client, address] = [{ ...named, identity }, addressOf(request)];
		if (error) {
			this.#events.rejected?.({ ...client, address }, type, cleanText(nonce, { max: MAX_SHOWN }), error.message);
		}
		// Loaded on demand: the descriptors take a tenth of a second and are needed for JSON alone.
		const { responseJson } = await import("./resource-json.js");
		const onFull = (limit: LimitName) => this.#events.limited?.({ ...client, address }, limit);
		let [set, rules]: [ResourceSet | undefined, AccessRules | undefined] = [undefined, undefined];
		// It is answered by the rules of then.
		while (!set || rules !== this.#access.rules) {
			rules = this.#access.rules;
			const scope = rules.scopeOf({ identity, node });
			set = await this.#sets.find(type, { view, scope }, poll, address, onFull);
		}
		const answer = answerPoll(set, poll);
		if (answer.kind === "unchanged") return { status: 304, body: "" };
		if (answer.kind === "unknown") {
			throw new RpcError(status.UNAVAILABLE, "nothing is known yet of what was asked for");
		}
		const headers = { "content-type": "application/json" };
		return { status: 200, headers, body: responseJson(type, answer, this.#identifier) };
	}

	#failed(reason: unknown): Reply {
		const headers = { "content-type": "application/json" };
		if (reason instanceof RpcError) {
			const error = httpError(reason);
			return { status: error.status, headers: { ...headers, ...error.headers }, body: errorBody(reason.details) };
		}
		this.#events.failed?.(reason instanceof Error ? reason : new Error(String(reason)));
		return { status: 500, headers, body: errorBody("internal error; the log of the control plane has the details") };
	}
}

function addressOf({ socket }: IncomingMessage): string {
	return `${socket.remoteAddress ?? ""}:${socket.remotePort ?? ""}`;
}

function errorBody(message: string): string {
	return `${JSON.stringify({ error: message })}\n`;
}

function shown(path: string): string {
	return cleanText(path, { max: MAX_SHOWN });
}
