import type { IncomingMessage } from "node:http";
import type { Endpoint } from "../../model/endpoint.js";
import { formatDuration } from "../../util/duration.js";
import { SourceFailed } from "../../util/errors.js";
import { connectionProblem } from "../http-client/connection-problem.js";
import { decoded } from "../http-client/decoded.js";
import { EventStream } from "./event-stream.js";
import type { HttpAnswer } from "./http-answer.js";

/** A stream that says nothing for so long, not even a comment, may be dead: milliseconds. */
const SILENCE_MS = 40_000;
/** Events that only show that the connection lives. */
const SIGNS_OF_LIFE = ["ping", "heartbeat", "keepalive", "keep-alive"];

export interface ListStreamOptions {
	/** Of an event. */
	readonly maxBytes: number;
	/** Milliseconds until the first list. */
	readonly timeout: number;
	/** Reads the list of an event. */
	readonly read: (text: string) => Promise<readonly Endpoint[]>;
}

export interface StreamEnd {
	/** The last list: of this stream, or the one before it. */
	readonly answer: HttpAnswer;
	readonly silent: boolean;
	/** Milliseconds before the next connection, as the server asks. */
	readonly retry: number | undefined;
}

/** An open `text/event-stream`; the data of each event is a full list. */
export class ListStream {
	readonly #response: IncomingMessage;
	readonly #options: ListStreamOptions;

	constructor(response: IncomingMessage, options: ListStreamOptions) {
		this.#response = response;
		this.#options = options;
	}

	/**
	 * Tells each list until the stream ends.
	 * @param tell without it, the first list is the end.
	 * @throws SourceFailed if the stream breaks off, an event is no list, or none comes; the signal's reason.
	 */
	async follow(
		signal: AbortSignal,
		previous: HttpAnswer | undefined,
		tell: ((answer: HttpAnswer) => void) | undefined,
	): Promise<StreamEnd> {
		const { maxBytes, timeout, read } = this.#options;
		const stream = new EventStream(maxBytes);
		// The server was told the last event: it sends nothing as long as that is the newest.
		const resumed = previous?.eventId === undefined ? undefined : previous;
		let answer = resumed;
		let [silent, late, told] = [false, false, false];
		const confirm = () => {
			if (resumed && !told) tell?.(resumed);
			told = true;
		};
		const first = setTimeout(() => {
			if (resumed) confirm();
			else {
				late = true;
				this.#response.destroy();
			}
		}, timeout);
		const silence = setTimeout(() => {
			silent = true;
			this.#response.destroy();
		}, SILENCE_MS);
		try {
			for await (const piece of decoded(this.#response) as AsyncIterable<string>) {
				silence.refresh();
				for (const { name, data, id } of stream.push(piece)) {
					if (SIGNS_OF_LIFE.includes(name)) continue;
					answer = { endpoints: await read(data), eventId: id };
					told = true;
					clearTimeout(first);
					if (!tell) return { answer, silent, retry: stream.retry };
					tell(answer);
				}
			}
		} catch (cause) {
			signal.throwIfAborted();
			if (cause instanceof SourceFailed) throw cause;
			if (late) throw new SourceFailed(`no list within ${formatDuration(timeout)}`, { cause });
			if (!silent) throw new SourceFailed(connectionProblem(cause), { cause });
		} finally {
			clearTimeout(first);
			clearTimeout(silence);
			this.#response.destroy();
		}
		signal.throwIfAborted();
		if (!answer) throw new SourceFailed("the stream ended without a list");
		if (!silent) confirm();
		return { answer, silent, retry: stream.retry };
	}
}
