import type { IncomingMessage } from "node:http";
import { KnownEndpoints } from "../../input/known-endpoints.js";
import type { Endpoint } from "../../model/endpoint.js";
import { formatDuration } from "../../util/duration.js";
import { messageOf, SourceFailed } from "../../util/errors.js";
import type { Limiter } from "../../util/limiter.js";
import { pause, withinLimit } from "../../util/time-limit.js";
import type { HttpClient } from "../http-client/http-client.js";
import { readBody, readError } from "../http-client/read-body.js";
import { maxAgeOf } from "./cache-control.js";
import { readEndpointList } from "./endpoint-list.js";
import { get } from "./get.js";
import type { HttpAnswer } from "./http-answer.js";
import type { HttpOptions } from "./http-options.js";
import type { HttpTarget } from "./http-target.js";
import { ListStream } from "./list-stream.js";

const ACCEPT = "application/json, application/yaml, text/event-stream, */*;q=0.1";
/** Between two connections to a server that ends its streams: milliseconds, where it does not say. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

export interface HttpQueryOptions {
	readonly client: HttpClient;
	readonly limiter: Limiter;
	readonly settings: Pick<HttpOptions, "timeout" | "maxBytes">;
}

/** Asks for one target's list, again and again; or follows it, where the server sends events. */
export class HttpQuery {
	readonly #target: HttpTarget;
	readonly #options: HttpQueryOptions;
	readonly #known = new KnownEndpoints();

	constructor(target: HttpTarget, options: HttpQueryOptions) {
		this.#target = target;
		this.#options = options;
	}

	/**
	 * The next list.
	 * @param tell gets each list of a stream; without it the first one is the answer.
	 * @throws SourceFailed, the signal's reason.
	 */
	async next(signal: AbortSignal, previous?: HttpAnswer, tell?: (answer: HttpAnswer) => void): Promise<HttpAnswer> {
		try {
			return await this.#next(signal, previous, tell);
		} catch (cause) {
			signal.throwIfAborted();
			throw new SourceFailed(`cannot read ${this.#target.url.href}: ${messageOf(cause)}`, { cause });
		}
	}

	async #next(
		signal: AbortSignal,
		previous: HttpAnswer | undefined,
		tell: ((answer: HttpAnswer) => void) | undefined,
	): Promise<HttpAnswer> {
		let last = previous;
		for (;;) {
			const got = await this.#within(signal, (end) => this.#ask(end, last));
			if (!("response" in got)) return got;
			const { maxBytes, timeout } = this.#options.settings;
			const stream = new ListStream(got.response, { maxBytes, timeout, read: (text) => this.#read(text, signal) });
			const { answer, silent, retry = RETRY_MS } = await stream.follow(signal, last, tell);
			if (!tell) return answer;
			last = answer;
			// A stream that is silent may be dead: ask at once.
			if (!silent) await pause(Math.min(Math.max(retry, RETRY_MS), MAX_RETRY_MS), signal);
		}
	}

	#within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
		const { limiter, settings } = this.#options;
		const late = () => new SourceFailed(`no answer within ${formatDuration(settings.timeout)}`);
		return limiter.run(() => withinLimit({ ms: settings.timeout, late, signal }, work), signal);
	}

	async #ask(
		signal: AbortSignal,
		previous: HttpAnswer | undefined,
	): Promise<HttpAnswer | { readonly response: IncomingMessage }> {
		const { client, settings } = this.#options;
		const response = await get(client, {
			url: this.#target.url,
			headers: {
				accept: ACCEPT,
				...(previous?.etag === undefined ? {} : { "if-none-match": previous.etag }),
				...(previous?.eventId === undefined ? {} : { "last-event-id": previous.eventId }),
			},
			signal,
		});
		const { statusCode, headers } = response;
		if (statusCode === 304 && previous?.etag !== undefined) {
			response.resume();
			return { ...previous, maxAge: maxAgeOf(headers) };
		}
		if (statusCode !== 200) throw await refused(response);
		if (/^text\/event-stream\s*(;|$)/i.test(headers["content-type"] ?? "")) return { response };
		const changed = Date.parse(headers["last-modified"] ?? "");
		const changedAt = Number.isNaN(changed) ? undefined : new Date(changed);
		const text = await readBody(response, settings.maxBytes);
		const endpoints = await this.#read(text, signal, { revision: headers.etag, at: changedAt });
		return {
			endpoints,
			...{ maxAge: maxAgeOf(headers), etag: headers.etag },
			...(changedAt && { changedAt }),
		};
	}

	async #read(
		text: string,
		signal: AbortSignal,
		{ revision, at = new Date() }: { readonly revision?: string | undefined; readonly at?: Date | undefined } = {},
	): Promise<readonly Endpoint[]> {
		const list = await readEndpointList(text, { from: "the list", known: this.#known, signal });
		const { text: target, url } = this.#target;
		const origin = { target, object: url.href, ...(revision === undefined ? {} : { revision }), at };
		return list.map((each) => ({ ...each, origin }));
	}
}

async function refused(response: IncomingMessage): Promise<SourceFailed> {
	const said = await readError(response);
	return new SourceFailed(
		`it answered ${response.statusCode}${said === "" ? "" : ` (${said})`}; only 200 with a list is an answer`,
	);
}
