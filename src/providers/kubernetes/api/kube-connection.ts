import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { formatDuration } from "../../../util/duration.js";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { untilAborted } from "../../../util/time-limit.js";
import { VERSION } from "../../../util/version.js";
import { decoded } from "../../http-client/decoded.js";
import { countedRequest } from "../../source-requests.js";
import type { Access, KubeCluster } from "../access/kube-cluster.js";
import { type ApiError, apiError, ConnectionFailed } from "./api-errors.js";

/** TCP keep-alive notices a dead host; the time limits notice a server that does not respond. */
const KEEP_ALIVE_MS = 15_000;
/** Of an error's body, in characters. */
const MAX_ERROR = 64 << 10;

export interface KubeRequest {
	/** Including the query. */
	readonly path: string;
	/** What it is for, in error messages. */
	readonly what: string;
	/** Which rights it needs, in error messages. */
	readonly rights: string;
	readonly signal: AbortSignal;
	/** Milliseconds until the head of the answer. */
	readonly head: number;
	/** Milliseconds until the end of the answer. */
	readonly total: number;
}

/** Requests to a cluster's API server over connections of its own. */
export class KubeConnection {
	readonly #cluster: KubeCluster;
	#agents = newAgents();

	constructor(cluster: KubeCluster) {
		this.#cluster = cluster;
	}

	/** Ends its connections; the next request makes a new one. */
	reset(): void {
		for (const agent of Object.values(this.#agents)) agent.destroy();
		this.#agents = newAgents();
	}

	/**
	 * The answer in pieces as they come.
	 * @param opened called when the head of the answer is there.
	 * @throws ConnectionFailed, ApiError; the signal's reason once it fires.
	 */
	async *stream(request: KubeRequest, opened?: () => void): AsyncGenerator<string, void, undefined> {
		const limit = new AbortController();
		const expire = (after: number, problem: string) =>
			setTimeout(
				() => limit.abort(new ConnectionFailed(`cannot ${request.what}: ${problem} ${formatDuration(after)}`)),
				after,
			);
		let head: NodeJS.Timeout | undefined;
		let total: NodeJS.Timeout | undefined;
		const signal = AbortSignal.any([request.signal, limit.signal]);
		try {
			const access = await untilAborted(this.#cluster.access(), signal);
			// Credentials have a limit of their own: a plug-in's slowness is not the server's.
			head = expire(request.head, "the API server did not answer within");
			total = expire(request.total, "the API server's answer did not end within");
			const counted = { provider: "kubernetes", signal } as const;
			const response = await countedRequest(counted, () => this.#accepted(access, request, signal));
			clearTimeout(head);
			opened?.();
			for await (const piece of decoded(response)) yield piece as string;
		} catch (error) {
			request.signal.throwIfAborted();
			limit.signal.throwIfAborted();
			if (error instanceof SourceFailed) throw error;
			throw new ConnectionFailed(`cannot ${request.what}: ${connectionProblem(error)}`, { cause: error });
		} finally {
			clearTimeout(head);
			clearTimeout(total);
		}
	}

	/** After a 401, reads the credentials again and retries once if they have changed. */
	async #accepted(access: Access, request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
		const response = await this.#send(access, request, signal);
		if (response.statusCode === 200) return response;
		const error = await errorOf(response, request, access);
		if (error.status !== 401) throw error;
		this.#cluster.forget();
		const renewed = await untilAborted(this.#cluster.access(), signal);
		if (credentialsOf(renewed) === credentialsOf(access)) throw error;
		const second = await this.#send(renewed, request, signal);
		if (second.statusCode === 200) return second;
		throw await errorOf(second, request, renewed);
	}

	/**
	 * Retries on a new connection if a kept-alive one turns out to be closed: that is no failure of
	 * the server.
	 */
	async #send(access: Access, request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
		const first = this.#start(access, request, signal);
		try {
			return await first.response;
		} catch (error) {
			if (signal.aborted || !first.reused()) throw error;
			this.reset();
			return this.#start(access, request, signal).response;
		}
	}

	#start({ server, options, proxied }: Access, { path }: KubeRequest, signal: AbortSignal): Started {
		const secure = server.startsWith("https:");
		const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
		const all = {
			...options,
			agent: proxied ? options.agent : this.#agents[secure ? "https" : "http"],
			headers: {
				...options.headers,
				accept: "application/json",
				// Without it any coding would be allowed (RFC 9110, section 12.5.3).
				"accept-encoding": "identity",
				"user-agent": `fingerpost/${VERSION}`,
			},
			signal,
		};
		const request = (secure ? httpsRequest : httpRequest)(server + path, all, resolve);
		// Keep the listener: an error after the head reaches the response as well, but must not be
		// unhandled here.
		request.on("error", reject).end();
		return { response: promise, reused: () => request.reusedSocket };
	}
}

interface Started {
	readonly response: Promise<IncomingMessage>;
	/** Whether the request used a kept-alive connection. */
	reused(): boolean;
}

function newAgents() {
	const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS };
	return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

function credentialsOf({ options }: Access): string {
	return JSON.stringify([options.headers, String(options.cert), options.auth]);
}

/** An error's body is a Status object; from a proxy it may be anything. */
async function errorOf(
	response: IncomingMessage,
	{ what, rights }: KubeRequest,
	{ withheld }: Access,
): Promise<ApiError> {
	let text = "";
	for await (const piece of decoded(response)) {
		text += piece as string;
		if (text.length > MAX_ERROR) break;
	}
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		body = undefined;
	}
	const seconds = Number(response.headers["retry-after"]);
	const retryAfter = seconds > 0 ? seconds * 1_000 : undefined;
	return apiError(response.statusCode ?? 0, body, { what, rights, retryAfter, withheld });
}

/** Where a name has several addresses, Node's error has no message of its own. */
function connectionProblem(error: unknown): string {
	if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
	const message = messageOf(error);
	return message === "aborted" ? "the connection broke off" : message;
}
