import type { Endpoint } from "../../model/endpoint.js";
import { isAddress } from "../../model/endpoint-address.js";
import type { Safeguards } from "../../model/keep/safeguards.js";
import type { Target } from "../../model/target.js";
import type { Registry } from "../../providers/registry.js";
import { TargetWatch, type TargetWatchOptions } from "../../providers/watch/target-watch.js";
import { degradedEndpoints, notesOfKept } from "./kept-notes.js";
import type { KeptStatus } from "./kept-status.js";
import { RemovalGuard } from "./removal-guard.js";
import type { SavedTarget } from "./saved.js";
import { type Emptiable, type SourceGuard, type SourceGuards, WAIT_MS } from "./source-guard.js";

export interface KeptTargetOptions extends TargetWatchOptions {
	readonly registry: Registry;
	/** Called when the endpoints, the notes or the state change. */
	readonly onChange: () => void;
	/** What counts at this moment. */
	readonly safeguards: () => Safeguards;
	/** Which other targets the source has; it has none unless given. */
	readonly sources?: SourceGuards | undefined;
	/** What an earlier process knew. */
	readonly saved?: SavedTarget | undefined;
}

const NONE: readonly Endpoint[] = [];
/** What a timer can wait for. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Before the end of a hold the source is asked again: this part of it. */
const ASK_AT = 0.9;

/**
 * A watched target whose endpoints do not vanish by accident: what would go all at once is held, and while the source
 * fails they stay for as long as they may.
 */
export class KeptTarget implements Emptiable {
	readonly target: Target;
	readonly #options: KeptTargetOptions;
	readonly #watch: TargetWatch;
	readonly #guard = new RemovalGuard();
	readonly #source: SourceGuard | undefined;
	#truth: readonly Endpoint[] | undefined;
	#endpoints: readonly Endpoint[] | undefined;
	#plain = false;
	#outage: KeptStatus["outage"];
	/** What went a moment ago, if others of its source follow. */
	#passed: readonly Endpoint[] = [];
	/** Since when the source says that what is held is gone. */
	#confirmedSince: { readonly at: number; readonly date: number } | undefined;
	#asked = false;
	#timer: NodeJS.Timeout | undefined;
	#restored: boolean;

	constructor(target: Target, options: KeptTargetOptions) {
		const { registry, saved, onError } = options;
		this.target = target;
		this.#options = options;
		this.#source = options.sources?.of(target);
		this.#restored = saved !== undefined;
		const maxEndpoints = () => registry.maxEndpoints;
		this.#watch = new TargetWatch(target, () => this.#changed(), { onError, maxEndpoints, remembered: saved });
		if (!saved) return;
		this.#truth = this.#watch.endpoints ?? [];
		this.#guard.restore(this.#truth, saved.hold, performance.now());
		this.#settle();
	}

	/** What is served of it; undefined until the first authoritative answer. */
	get endpoints(): readonly Endpoint[] | undefined {
		return this.#endpoints;
	}

	/** Whether the endpoints are addresses only, each once, in canonical order. */
	get plain(): boolean {
		return this.#plain;
	}

	/** Whether there was a complete answer. */
	get whole(): boolean {
		return this.#watch.whole;
	}

	get notes(): readonly string[] {
		return [...notesOfKept(this.status), ...this.#watch.notes];
	}

	get status(): KeptStatus {
		const { hold } = this.#guard;
		const { holdFor = 0 } = this.#options.safeguards().guard ?? {};
		const until = hold && this.#confirmedSince && new Date(this.#confirmedSince.date + holdFor);
		return {
			...this.#watch.status,
			...(hold && { held: { ...hold, ...(until && { until }) } }),
			...(this.#outage && { outage: this.#outage }),
			...(this.#outage === "dropped" && this.#truth && { dropped: this.#truth }),
			...(this.#restored && { restored: true }),
		};
	}

	/** For a later process; undefined before the first answer. */
	get saved(): SavedTarget | undefined {
		const { lastSuccess, staleSince } = this.#watch.status;
		const { hold } = this.#guard;
		if (!this.#truth || !lastSuccess) return undefined;
		return {
			...{ target: this.target.text, endpoints: this.#truth, whole: this.whole, lastSuccess },
			...(staleSince && { staleSince }),
			...(hold && { hold }),
		};
	}

	start(): void {
		this.#watch.start(this.#options.registry.watcher(this.target));
	}

	/** Restarts the watch with the provider that is registered now. The endpoints stay until it has answered. */
	restart(): void {
		this.#watch.restart(this.#options.registry.watcher(this.target));
	}

	/** Believes the source: what is held goes. @returns how many endpoints. */
	approve(): number {
		const count = this.#guard.hold?.endpoints.length ?? 0;
		if (count > 0) this.#release();
		return count;
	}

	/** Other safeguards may count now. */
	review(): void {
		if (this.#guard.hold && !this.#options.safeguards().guard) this.#release();
		else if (this.#settle()) this.#options.onChange();
	}

	/** Ends the watch and frees it; nothing is told any more. */
	stop(): void {
		clearTimeout(this.#timer);
		this.#watch.stop();
		this.#source?.leave(this);
	}

	holdForRegistry(): void {
		const now = performance.now();
		const { hold, served } = this.#guard;
		this.#guard.holdFor("registry", hold ? served : this.#passed, now);
		this.#confirm(now);
		this.#settle();
		this.#options.onChange();
	}

	#changed(): void {
		const { endpoints: truth, status, live } = this.#watch;
		const now = performance.now();
		if (status.state === "synced") this.#restored = false;
		if (truth && truth !== this.#truth) this.#take(truth, live, now);
		else if (status.state === "synced" && this.#outage === "dropped") this.#guard.release(now);
		if (status.state !== "synced") this.#confirmedSince = undefined;
		else if (this.#guard.hold && !this.#confirmedSince) this.#confirm(now);
		this.#settle();
		this.#options.onChange();
	}

	#take(truth: readonly Endpoint[], live: boolean, now: number): void {
		const { guard } = this.#options.safeguards();
		const { hold, served } = this.#guard;
		this.#truth = truth;
		this.#guard.next({ endpoints: truth, live, now }, guard);
		if (this.#guard.hold?.since !== hold?.since) this.#confirmedSince = undefined;
		if (!this.#source || !guard?.registry) return;
		if (hold || !this.#guard.isEmptied(now)) {
			if (truth.length > 0) this.#source.filled(this);
		} else if (served.length > 0) {
			const verdict = this.#source.emptied(this, now);
			if (verdict !== "pass" && !this.#guard.hold) this.#guard.holdFor(verdict, served, now);
		}
	}

	#confirm(now: number): void {
		this.#confirmedSince = { at: now, date: Date.now() };
		this.#asked = false;
	}

	#release(): void {
		const now = performance.now();
		const { hold } = this.#guard;
		this.#passed = hold?.why === "waiting" ? hold.endpoints : [];
		this.#guard.release(now);
		if (this.#passed.length > 0) this.#source?.passed(this, now);
		else this.#source?.filled(this);
		this.#settle();
		this.#options.onChange();
	}

	/** Makes of what is served what clients get, and waits for what is due next. @returns whether that is another list. */
	#settle(): boolean {
		const before = this.#endpoints;
		const { onFailure } = this.#options.safeguards();
		const { state, staleSince } = this.#watch.status;
		const left = state === "stale" && staleSince ? staleSince.getTime() + onFailure.keep - Date.now() : undefined;
		const isOver = left !== undefined && left <= 0;
		this.#outage = isOver ? (onFailure.after === "drop" ? "dropped" : "degraded") : undefined;
		// What was dropped is not brought back by an answer that lacks it.
		if (this.#outage === "dropped") this.#guard.forget(performance.now());
		this.#serve();
		this.#source?.isFull(this, (this.#endpoints?.length ?? 0) > 0);
		this.#wait(Math.min(isOver ? Number.POSITIVE_INFINITY : (left ?? Number.POSITIVE_INFINITY), this.#untilDue()));
		return this.#endpoints !== before;
	}

	#serve(): void {
		if (!this.#truth) return;
		const { hold, served } = this.#guard;
		this.#plain = this.#watch.plain && (hold?.endpoints ?? NONE).every(({ address }) => isAddress(address));
		if (this.#outage === "dropped") this.#endpoints = NONE;
		else this.#endpoints = this.#outage === "degraded" ? degradedEndpoints(served) : served;
	}

	/** Milliseconds until something is to be done about what is held. */
	#untilDue(): number {
		const { hold } = this.#guard;
		const { guard } = this.#options.safeguards();
		if (!hold || !this.#confirmedSince || !guard) return Number.POSITIVE_INFINITY;
		const gone = performance.now() - this.#confirmedSince.at;
		if (hold.why === "waiting") return WAIT_MS - gone;
		return (this.#asked ? guard.holdFor : guard.holdFor * ASK_AT) - gone;
	}

	#wait(ms: number): void {
		clearTimeout(this.#timer);
		if (ms === Number.POSITIVE_INFINITY) return;
		this.#timer = setTimeout(() => this.#due(), Math.min(Math.max(0, ms), MAX_TIMER_MS));
	}

	#due(): void {
		if (this.#untilDue() > 0) {
			if (this.#settle()) this.#options.onChange();
		} else if (this.#guard.hold?.why === "waiting" || this.#asked) this.#release();
		else {
			this.#asked = true;
			this.#options.registry.find(this.target.scheme)?.refresh?.(this.target);
			this.#settle();
		}
	}
}
