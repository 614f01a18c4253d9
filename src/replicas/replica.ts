import { Backoff } from "../util/backoff.js";
import { messageOf } from "../util/errors.js";
import { inSlices } from "../util/steps.js";
import { pause } from "../util/time-limit.js";
import { readAnswer } from "./replica-answer.js";
import type { ReplicaClient } from "./replica-client.js";
import { type ReplicaPlace, replicaName } from "./replica-settings.js";
import type { ReplicaState, ReplicaStatus } from "./replica-status.js";
import type { SharedDemand } from "./shared-demand.js";

/** Milliseconds. */
export interface ReplicaTimes {
	/** A replica answers at once what has changed, and after so long that nothing has. */
	readonly wait: number;
	/** Between two questions, at least. */
	readonly pace: number;
	/** So long after its last answer the clients of a replica count. */
	readonly keep: number;
	/** Until this process is asked again, which is known by its answer. */
	readonly self: number;
	/** Between two look-ups of a name. */
	readonly lookUp: number;
}

/** Of which a replica is a part. */
export interface ReplicaCircle {
	/** What this process calls itself. */
	readonly self: string;
	readonly demand: SharedDemand;
	readonly times: ReplicaTimes;
	readonly maxZones: number;
	client(): ReplicaClient;
	/** Whether its address is still looked for. */
	isWanted(replica: Replica): boolean;
	/** Whether another one counts for the process. */
	isTaken(id: string, by: Replica): boolean;
	/** Its state is another. */
	changed(replica: Replica, before: ReplicaState): void;
}

/** Asks one address for the clients there, again and again. */
export class Replica {
	readonly place: ReplicaPlace;
	readonly name: string;
	readonly #circle: ReplicaCircle;
	readonly #since = performance.now();
	readonly #backoff = new Backoff({ base: 1_000, max: 5_000, min: 100 });
	#state: ReplicaState = "connecting";
	#id: string | undefined;
	#answeredAt: number | undefined;
	#lastSuccess: Date | undefined;
	#error: string | undefined;
	#isRefused = false;

	constructor(place: ReplicaPlace, circle: ReplicaCircle) {
		this.place = place;
		this.name = replicaName(place);
		this.#circle = circle;
	}

	get state(): ReplicaState {
		return this.#state;
	}

	get id(): string | undefined {
		return this.#id;
	}

	/** Nothing listens there, for so long that whoever was its client has gone elsewhere. */
	get isGone(): boolean {
		return this.#state === "failed" && this.#isRefused;
	}

	status(): ReplicaStatus {
		const counts = this.#state === "synced" || this.#state === "stale";
		return {
			...{ address: this.name, state: this.#state, id: this.#id },
			clients: counts && this.#id !== undefined ? this.#circle.demand.clientsOf(this.#id) : 0,
			...{ lastSuccess: this.#lastSuccess, error: this.#error },
		};
	}

	/** Asks until the signal fires, or nobody looks for the address and who was there is there no more. */
	async run(signal: AbortSignal): Promise<void> {
		try {
			for (;;) {
				const id = this.#id;
				const next = await this.#ask(signal);
				const isThere = (this.#state === "synced" || this.#state === "stale") && (id ?? this.#id) === this.#id;
				if (!isThere && !this.#circle.isWanted(this)) return;
				await pause(next, signal);
			}
		} catch (reason) {
			if (!signal.aborted) throw reason;
		} finally {
			this.#forget();
		}
	}

	/** @returns how long to wait for the next question: milliseconds. */
	async #ask(signal: AbortSignal): Promise<number> {
		const { demand, times, self, maxZones } = this.#circle;
		// Where it did not answer, whether it does now is worth knowing at once.
		const wait = this.#state === "synced" ? times.wait : 0;
		const version = this.#id === undefined ? undefined : demand.versionOf(this.#id);
		const known = version ? { replica: this.#id as string, version } : undefined;
		try {
			const answer = readAnswer(await this.#circle.client().ask(this.place, { known, wait }, signal), maxZones);
			const { replica, since } = answer;
			if (replica !== this.#id) this.#meet(replica);
			this.#heard();
			if (replica === self || this.#circle.isTaken(replica, this)) {
				this.#become("self");
				return times.self;
			}
			// Of no use: it is asked for everything next.
			if (since !== 0 && since !== known?.version) demand.forget(replica);
			else await inSlices(demand.take(answer), signal);
			this.#become("synced");
			return times.pace;
		} catch (error) {
			signal.throwIfAborted();
			return this.#failed(error, signal);
		}
	}

	#meet(id: string): void {
		this.#forget();
		this.#id = id;
	}

	#heard(): void {
		this.#answeredAt = performance.now();
		this.#lastSuccess = new Date();
		this.#error = undefined;
		this.#isRefused = false;
		this.#backoff.reset();
	}

	async #failed(error: unknown, signal: AbortSignal): Promise<number> {
		this.#error = messageOf(error);
		this.#isRefused = isRefusal(error);
		const left = (this.#answeredAt ?? this.#since) + this.#circle.times.keep - performance.now();
		if (left <= 0) {
			this.#forget();
			this.#become("failed");
		} else if (this.#state === "synced") {
			await inSlices(this.#circle.demand.doubt(this.#id as string), signal);
			this.#become("stale");
		} else if (this.#state === "self") this.#become("connecting");
		const next = this.#backoff.next();
		return left > 0 ? Math.min(next, left) : next;
	}

	#become(state: ReplicaState): void {
		const before = this.#state;
		this.#state = state;
		if (before !== state) this.#circle.changed(this, before);
	}

	/** What counts for it counts for nobody else. */
	#forget(): void {
		const { demand, self } = this.#circle;
		const counted = this.#state === "synced" || this.#state === "stale";
		if (counted && this.#id !== undefined && this.#id !== self) demand.forget(this.#id);
	}
}

/** Whether nothing listens there, so that nobody is its client. */
function isRefusal(error: unknown): boolean {
	for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++)
		if ((cause as NodeJS.ErrnoException).code === "ECONNREFUSED") return true;
	return false;
}
