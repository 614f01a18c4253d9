import type { IncomingMessage } from "node:http";
import { SourceFailed } from "../../../util/errors.js";
import type { HttpClient, HttpRequest } from "../../http-client/http-client.js";
import { readBody, readError } from "../../http-client/read-body.js";
import { AgentUnreachable, type Asking, type Parameters, QueryBroke } from "./blocking-source.js";

/** Bytes of an answer. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface AgentClientOptions {
	readonly address: string;
	/** The header with the index of an answer, such as `X-Consul-Index`. */
	readonly indexHeader: string;
	/** The name of the API, such as `the HTTP API of Consul`. */
	readonly api: string;
	/** What to look at where it answers 403. */
	readonly rights: string;
}

export interface AgentAnswer {
	readonly body: string;
	readonly index: number;
	/** In small letters; empty where there is none. */
	header(name: string): string;
}

/** Requests to the HTTP API of an agent that knows blocking queries. All throw SourceFailed, and the signal's reason. */
export class AgentClient {
	/** Without a slash at the end. */
	readonly address: string;
	readonly #http: HttpClient;
	readonly #options: AgentClientOptions;

	constructor(http: HttpClient, options: AgentClientOptions) {
		this.#http = http;
		this.#options = options;
		this.address = options.address.replace(/\/+$/, "");
	}

	/** Keeps connections until the holder lets go. */
	hold(): () => void {
		return this.#http.hold();
	}

	/** Answers once there is something new. @throws QueryBroke while it waits for that, too. */
	async query(path: string, { parameters, index, wait }: Asking, signal: AbortSignal): Promise<AgentAnswer> {
		const blocking = index === 0 ? {} : { index: String(index), wait: wait % 1_000 ? `${wait}ms` : `${wait / 1_000}s` };
		const url = this.#url(path, { ...parameters, ...blocking });
		const Failure = index === 0 ? AgentUnreachable : QueryBroke;
		const response = await this.#open({ url, signal, retry: index === 0 }, Failure);
		if (response.statusCode !== 200) throw await this.refused(response);
		const { indexHeader, api } = this.#options;
		const header = (name: string) => String(response.headers[name] ?? "").toLowerCase();
		const body = await readBody(response, MAX_BYTES);
		const reached = Number(header(indexHeader.toLowerCase()));
		if (!Number.isSafeInteger(reached) || reached <= 0) {
			throw new SourceFailed(`the answer has no ${indexHeader}; is it ${api}?`);
		}
		return { body, index: reached, header };
	}

	/** Any answer, at once; the caller reads or destroys it. */
	ask(
		path: string,
		{ parameters = {}, ...more }: { parameters?: Parameters } & Pick<HttpRequest, "method" | "body">,
		signal: AbortSignal,
	): Promise<IncomingMessage> {
		return this.#open({ ...more, url: this.#url(path, parameters), signal });
	}

	/** What an answer says that is none. */
	async refused(response: IncomingMessage): Promise<SourceFailed> {
		const said = await readError(response);
		const hint = response.statusCode === 403 ? `; ${this.#options.rights}` : "";
		return new SourceFailed(`it answered ${response.statusCode}${said === "" ? "" : ` (${said})`}${hint}`);
	}

	async #open(request: HttpRequest, Failure: typeof SourceFailed = AgentUnreachable): Promise<IncomingMessage> {
		try {
			return await this.#http.open({ headers: { accept: "application/json" }, ...request });
		} catch (cause) {
			request.signal.throwIfAborted();
			throw new Failure((cause as Error).message, { cause });
		}
	}

	#url(path: string, parameters: Parameters): URL {
		const url = new URL(this.address + path);
		for (const [name, value] of Object.entries(parameters)) {
			if (value !== undefined) url.searchParams.set(name, value);
		}
		return url;
	}
}
