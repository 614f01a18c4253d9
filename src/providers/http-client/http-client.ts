import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { SourceFailed } from "../../util/errors.js";
import { untilAborted } from "../../util/time-limit.js";
import { VERSION } from "../../util/version.js";
import { type AskingProvider, countedRequest } from "../source-requests.js";
import { Agents } from "./agents.js";
import { connectionProblem } from "./connection-problem.js";
import { type Access, HttpAccess, type HttpAccessOptions } from "./http-access.js";

export interface HttpRequest {
	readonly url: URL;
	readonly method?: "GET" | "POST";
	readonly body?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Ends the request and the reading of its answer. */
	readonly signal: AbortSignal;
	/** The name that the server's certificate must be of; the URL's host unless given. */
	readonly servername?: string | undefined;
	/** Whether it is sent once more where a kept connection breaks before there is an answer; true unless given. */
	readonly retry?: boolean;
}

export interface HttpClientOptions extends HttpAccessOptions {
	/** Whose requests they are; they are not counted unless given. */
	readonly provider?: AskingProvider;
	/** Whether proxies of the environment are passed by; they are not unless given. */
	readonly isDirect?: boolean;
	/** The headers that bring the token. */
	readonly tokenHeaders: (token: string) => Readonly<Record<string, string>>;
}

/** Requests to one source: kept connections, a token, certificates, the environment's proxies. */
export class HttpClient {
	readonly #access: HttpAccess;
	readonly #provider: AskingProvider | undefined;
	readonly #tokenHeaders: HttpClientOptions["tokenHeaders"];
	readonly #isDirect: boolean;
	#agents: Agents;
	#secureContext: Access["secureContext"];
	#holders = 0;

	constructor({ provider, tokenHeaders, isDirect = false, ...access }: HttpClientOptions) {
		this.#provider = provider;
		this.#isDirect = isDirect;
		this.#agents = new Agents(undefined, isDirect);
		this.#access = new HttpAccess(access);
		this.#tokenHeaders = tokenHeaders;
	}

	/**
	 * Keeps connections for the next request until the holder lets go.
	 * @returns lets go; after the last one, all connections end.
	 */
	hold(): () => void {
		this.#holders++;
		let held = true;
		return () => {
			if (!held) return;
			held = false;
			if (--this.#holders === 0) this.#agents.destroy();
		};
	}

	/**
	 * Sends the request. @returns the head of the answer; the caller reads or destroys the rest.
	 * @throws SourceFailed; the signal's reason once it fires.
	 */
	async open(request: HttpRequest): Promise<IncomingMessage> {
		const { signal } = request;
		const { token, secureContext } = await untilAborted(this.#access.current(), signal);
		if (secureContext !== this.#secureContext) {
			// What is under way goes on with the certificates that it began with.
			this.#agents.retire();
			this.#agents = new Agents(secureContext, this.#isDirect);
			this.#secureContext = secureContext;
		}
		const headers = { ...request.headers, ...(token === undefined ? {} : this.#tokenHeaders(token)) };
		try {
			const send = () => this.#send({ ...request, headers });
			if (!this.#provider) return await send();
			return await countedRequest({ provider: this.#provider, signal, accepts: isAccepted }, send);
		} catch (cause) {
			signal.throwIfAborted();
			if (cause instanceof SourceFailed) throw cause;
			throw new SourceFailed(connectionProblem(cause), { cause });
		}
	}

	/** Retries on a new connection if a kept one turns out to be closed: that is no failure of the source. */
	async #send(request: HttpRequest): Promise<IncomingMessage> {
		const agents = this.#agents;
		const first = start(request, agents);
		try {
			return await first.response;
		} catch (error) {
			if (request.signal.aborted || !first.reused()) throw error;
			agents.retire();
			if (request.retry === false) throw error;
			return start(request, agents).response;
		}
	}
}

function isAccepted({ statusCode = 0 }: IncomingMessage): boolean {
	return statusCode < 400;
}

interface Started {
	readonly response: Promise<IncomingMessage>;
	/** Whether the request used a kept connection. */
	reused(): boolean;
}

function start({ url, method = "GET", body, headers, servername, signal }: HttpRequest, agents: Agents): Started {
	const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
	const options = {
		...{ method, signal, agent: agents.for(url), ...(servername !== undefined && { servername }) },
		headers: {
			// Without it any coding would be allowed (RFC 9110, section 12.5.3).
			"accept-encoding": "identity",
			"user-agent": `fingerpost/${VERSION}`,
			...headers,
		},
	};
	const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, resolve);
	// The listener stays: an error after the head reaches the answer as well, but must not be unhandled here.
	request.on("error", reject).end(body);
	return { response: promise, reused: () => request.reusedSocket };
}
