import type { IncomingMessage } from "node:http";
import { Backoff } from "../../../util/backoff.js";
import { FingerpostError, messageOf, SourceFailed } from "../../../util/errors.js";
import { pause } from "../../../util/time-limit.js";
import type { Container } from "./container.js";
import type { DockerTiming } from "./docker-timing.js";
import type { EngineClient } from "./engine-client.js";
import { isManager, listContainers } from "./list-containers.js";

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
			const events = new EventFlow(await this.#client.events(EVENTS, until));
			const manager = await isManager(this.#client, until);
			for (;;) {
				const since = performance.now();
				events.taken();
				const containers = await listContainers(this.#client, manager, until);
				until.throwIfAborted();
				this.#observer.listed(containers);
				listed();
				await events.next(manager ? swarmInterval : interval, until);
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
	#came = false;
	#end: Error | undefined;
	#wake: () => void = () => {};
	readonly #aborted = () => this.#wake();

	constructor(response: IncomingMessage) {
		response.on("data", () => {
			this.#came = true;
			this.#wake();
		});
		const over = (reason?: unknown) => {
			const why = reason === undefined ? "" : `: ${messageOf(reason)}`;
			this.#end ??= new SourceFailed(`the engine ended its stream of events${why}`);
			this.#wake();
		};
		response
			.on("error", over)
			.on("end", () => over())
			.on("close", () => over());
	}

	/** What came up to now is seen to. */
	taken(): void {
		this.#came = false;
	}

	/** Until something has come, or the time is over. @throws SourceFailed if the stream has ended; the signal's reason. */
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
		if (this.#end) throw this.#end;
	}
}
