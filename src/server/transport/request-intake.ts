import { setImmediate as turn } from "node:timers/promises";
import { areSteps, atOnceIfShort, inSlices, type Steps } from "../../util/steps.js";
import type { DiscoveryRequest } from "../wire/discovery-request.js";
import { LastNames } from "../wire/last-names.js";
import type { CallMessages } from "./messages/call-messages.js";
import { RequestRate } from "./request-rate.js";
import type { StreamContext } from "./stream-context.js";
import type { StreamVariant } from "./stream-variants.js";

/** Larger requests are read and taken in slices, so that others get their turn meanwhile: bytes. */
const READ_AT_ONCE = 32 * 1024;

/** Does the work when it is its turn. */
type Run = (work: () => Promise<void>, signal: AbortSignal) => Promise<void>;

/** What is left of a request: steps, or nothing. Of those that only ACK there are no more than of responses. */
export type Left = Steps<void> | "acked" | undefined;

/** The stream that the requests are for. */
export interface RequestReceiver<Request> {
	/** @throws RpcError */
	apply(request: Request): Left;
	refuse(reason: unknown): void;
	/** The client sends more than it may; told once. */
	tooFast(): void;
}

/** Reads the requests of a stream, at the rate that it may send them. */
export class RequestIntake<Request extends DiscoveryRequest> {
	readonly #variant: StreamVariant<Request>;
	readonly #context: StreamContext;
	readonly #messages: CallMessages;
	readonly #receiver: RequestReceiver<Request>;
	readonly #lastNames: LastNames;
	readonly #rate = new RequestRate();
	/** Ends the reading of a large request. */
	#gone: AbortController | undefined;
	/** The pause until the client's next request is read. */
	#rest: NodeJS.Timeout | undefined;
	/** R2: the first request has it. */
	#wantsNode = true;
	#tooFast = false;
	#ended = false;
	#closed = false;

	constructor(
		variant: StreamVariant<Request>,
		context: StreamContext,
		messages: CallMessages,
		receiver: RequestReceiver<Request>,
	) {
		this.#variant = variant;
		this.#context = context;
		this.#messages = messages;
		this.#receiver = receiver;
		this.#lastNames = new LastNames(context.internedNames);
	}

	/** @returns where the request is large, when it has been read: the next one waits for it. */
	receive(bytes: Buffer): Promise<void> | undefined {
		if (this.#closed) return undefined;
		if (bytes.byteLength > READ_AT_ONCE) return this.#receiveInSlices(bytes);
		const start = performance.now();
		try {
			const rest = this.#take(bytes);
			if (rest === "acked") return undefined;
			// A short request may ask for much, too.
			if (rest && !atOnceIfShort(rest)) return this.#goOn(bytes, () => rest, inNextTurn);
		} catch (reason) {
			this.#receiver.refuse(reason);
		}
		const now = performance.now();
		this.#count(bytes, now - start, now);
		return undefined;
	}

	/** The client sends nothing more. */
	end(): void {
		this.#ended = true;
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#rest);
		this.#gone?.abort();
	}

	#receiveInSlices(bytes: Buffer): Promise<void> {
		const run: Run = (work, signal) => this.#context.largeRequests.run(work, signal);
		return this.#goOn(bytes, () => this.#take(bytes), run);
	}

	async #goOn(bytes: Buffer, take: () => Left, run: Run): Promise<void> {
		this.#gone ??= new AbortController();
		const { signal } = this.#gone;
		let rest: Steps<void> | undefined;
		try {
			await run(async () => {
				const left = take();
				rest = left === "acked" ? undefined : left;
				if (rest) await inSlices(rest, signal);
			}, signal);
		} catch (reason) {
			if (!this.#closed) this.#receiver.refuse(reason);
		} finally {
			rest?.return();
		}
		this.#count(bytes, 0, performance.now());
	}

	#take(bytes: Buffer): Left {
		const request = this.#variant.decode(bytes, this.#wantsNode, this.#context.limits(), this.#lastNames);
		this.#wantsNode = false;
		return areSteps(request) ? this.#takeRest(request) : this.#receiver.apply(request);
	}

	*#takeRest(reading: Steps<Request>): Steps<void> {
		const rest = this.#receiver.apply(yield* reading);
		if (rest && rest !== "acked") yield* rest;
	}

	/** @param took milliseconds in which nobody else had a turn. */
	#count({ byteLength }: Buffer, took: number, now: number): void {
		const { requestsPerSecond } = this.#context.limits();
		const { wait, tooMany } = this.#rate.take(requestsPerSecond, byteLength, now, took);
		if (wait > 0) this.#slowDown(wait, tooMany);
	}

	/** HTTP/2's flow control keeps further requests at the client. */
	#slowDown(wait: number, tooMany: boolean): void {
		if (this.#closed || this.#ended) return;
		if (tooMany && !this.#tooFast) {
			this.#tooFast = true;
			this.#receiver.tooFast();
		}
		this.#messages.pause();
		clearTimeout(this.#rest);
		this.#rest = setTimeout(() => this.#messages.resume(), wait);
	}
}

async function inNextTurn(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
	await turn();
	signal.throwIfAborted();
	return work();
}
