import type { IncomingMessage } from "node:http";
import { Backoff } from "../../../util/backoff.js";
import { FingerpostError, SourceFailed } from "../../../util/errors.js";
import { pause } from "../../../util/time-limit.js";
import type { Container } from "./container.js";
import { ContainerList } from "./container-list.js";
import type { DockerTiming } from "./docker-timing.js";
import type { EngineClient } from "./engine-client.js";

export interface EngineObserver {
	/** What runs now; told also where nothing has changed. */
	listed(containers: readonly Container[]): void;
	/** The engine does not answer; what was told last may be out of date. */
	failed(error: FingerpostError): void;
}

/** The events after which the list may be another one. */
const EVENTS = {
	type: ["container", "network", "service"],
	event: [
		...["start", "die", "pause", "unpause", "rename", "health_status"],
		...["connect", "disconnect", "create", "update", "remove"],
	],
};

/** Lists what runs whenever the engine tells of an event, and from time to time, until it is stopped. */
export class FollowEngine {
	readonly #client: EngineClient;
	readonly #observer: EngineObserver;
	readonly #timing: DockerTiming;
	readonly #backoff: Backoff;
	readonly #abort = new AbortController();

	constructor(client: EngineClient, observer: EngineObserver, timing: DockerTiming) {
		this.#client = client;
		this.#observer = observer;
		this.#timing = timing;
		const [base, max] = timing.backoff;
		this.#backoff = new Backoff({ base, max });
	}

	start(): void {
		void this.#run(this.#abort.signal);
	}

	/** Frees everything; nothing is told any more. */
	stop(): void {
		this.#abort.abort();
	}

	/** Never rejects. */
	async #run(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			const since = performance.now();
			let listed = false;
			let failure: unknown;
			try {
				await this.#follow(signal, () => {
					listed = true;
				});
			} catch (error) {
				failure = error;
			}
			if (signal.aborted) return;
			// The end of a stream that has worked may be a restart of the engine: only when that does not answer it fails.
			if (listed && performance.now() - since >= this.#timing.steady) {
				this.#backoff.reset();
				continue;
			}
			this.#observer.failed(FingerpostError.from(failure, "SOURCE_FAILED"));
			await pause(this.#backoff.next(), signal).catch(() => {});
		}
	}

	/** One stream of events, with a list after each. @throws why it ended; always. */
	async #follow(signal: AbortSignal, listed: () => void): Promise<never> {
		const { interval, swarmInterval, minInterval } = this.#timing;
		const own = new AbortController();
		const until = AbortSignal.any([signal, own.signal]);
		try {
			// First the events, then the list: what changes after the list brings an event.
			const events = new EventFlow(this.#client.events(EVENTS, until));
			await Promise.race([events.begun, pause(minInterval, until)]);
			const list = new ContainerList(this.#client);
			for (;;) {
				const since = performance.now();
				events.taken();
				const containers = await list.read(until);
				until.throwIfAborted();
				events.check();
				this.#observer.listed(containers);
				listed();
				await events.next(list.isManager ? swarmInterval : interval, until);
				const early = since + minInterval - performance.now();
				if (early > 0) await pause(early, until);
			}
		} finally {
			own.abort();
		}
	}
}

/** Whether something came on a stream of events: what it was is left to the list. */
class EventFlow {
	/** Settles when the stream has begun or ended. Some proxies begin it with the first event only. */
	readonly begun: Promise<void>;
	#came = false;
	#end: FingerpostError | undefined;
	#wake: () => void = () => {};
	readonly #aborted = () => this.#wake();

	constructor(opening: Promise<IncomingMessage>) {
		this.begun = opening.then(
			(response) => this.#follow(response),
			(reason) => this.#over(reason),
		);
	}

	/** What came up to now is seen to. */
	taken(): void {
		this.#came = false;
	}

	/** @throws FingerpostError if the stream has ended. */
	check(): void {
		if (this.#end) throw this.#end;
	}

	/** Until something has come, or the time is over. @throws FingerpostError if the stream has ended; the signal's reason. */
	async next(ms: number, signal: AbortSignal): Promise<void> {
		if (!this.#came && !this.#end) {
			const { promise, resolve } = Promise.withResolvers<void>();
			this.#wake = resolve;
			const timer = setTimeout(resolve, ms);
			signal.addEventListener("abort", this.#aborted);
			await promise;
			signal.removeEventListener("abort", this.#aborted);
			clearTimeout(timer);
		}
		signal.throwIfAborted();
		this.check();
	}

	#follow(response: IncomingMessage): void {
		// What happened before it began has brought no event.
		this.#arrived();
		const ended = (reason?: Error) => {
			const why = reason === undefined ? "" : `: ${reason.message}`;
			this.#over(new SourceFailed(`the engine ended its stream of events${why}`));
		};
		response.on("data", () => this.#arrived());
		response
			.on("error", ended)
			.on("end", () => ended())
			.on("close", () => ended());
	}

	#arrived(): void {
		this.#came = true;
		this.#wake();
	}

	#over(reason: unknown): void {
		this.#end ??= FingerpostError.from(reason, "SOURCE_FAILED");
		this.#wake();
	}
}
