import type { Steps } from "../../util/steps.js";
import type { ServiceState } from "../service-state.js";
import type { CatalogListener, ServiceChange } from "./service-change.js";

/** So many services are told of at a time. */
const PART = 64;
/** So long it holds the event loop, in milliseconds. */
const SLICE_MS = 5;

/** The newest state of a service; undefined where it does not exist. */
export type StateInSteps = (name: string) => Steps<ServiceState | undefined>;

/**
 * What of the services is told: the states that were told last, and which are no longer true. The changes of a turn of
 * the event loop are told at its end, many of them in slices.
 */
export class Changes {
	readonly states = new Map<string, ServiceState>();
	readonly #newest: StateInSteps;
	readonly #listeners = new Set<CatalogListener>();
	#dirty = new Set<string>();
	#dirtySince = 0;
	/** Telling what was dirty when it began. */
	#round: Steps<void> | undefined;
	#isWorking = false;
	#turn: NodeJS.Immediate | undefined;
	/** How many are at work whose changes are to be told together. */
	#gathering = 0;

	constructor(newest: StateInSteps) {
		this.#newest = newest;
	}

	/** @returns a function that ends it. */
	listen(listener: CatalogListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The service may have another state now. */
	mark(name: string): void {
		if (this.#dirty.size === 0) this.#dirtySince = performance.now();
		this.#dirty.add(name);
		this.#schedule();
	}

	/** What changes from now on is told together, once the last one that gathers has ended. @returns a function that ends it. */
	gather(): () => void {
		this.#gathering++;
		return () => {
			this.#gathering--;
			if (this.#dirty.size > 0) this.#schedule();
		};
	}

	/** Tells all that is pending now. Who is being told something gets the rest afterwards. */
	flush(): void {
		if (this.#isWorking) return;
		while (this.#step());
		clearImmediate(this.#turn);
		this.#turn = undefined;
	}

	stop(): void {
		clearImmediate(this.#turn);
		this.#listeners.clear();
		this.#dirty.clear();
		if (!this.#isWorking) this.#round?.return();
	}

	#schedule(): void {
		if (this.#gathering === 0) this.#turn ??= setImmediate(() => this.#slice());
	}

	#slice(): void {
		const end = performance.now() + SLICE_MS;
		let more = true;
		try {
			while (more && performance.now() < end) more = this.#step();
		} finally {
			// Also after a listener threw: what is left is told.
			this.#turn = more ? setImmediate(() => this.#slice()) : undefined;
		}
	}

	/** @returns whether there is more to do. */
	#step(): boolean {
		this.#round ??= this.#tellAll();
		const round = this.#round;
		this.#isWorking = true;
		let done: boolean | undefined = true;
		try {
			({ done } = round.next());
		} finally {
			this.#isWorking = false;
			if (done) this.#round = undefined;
		}
		return !done || (this.#dirty.size > 0 && this.#gathering === 0);
	}

	*#tellAll(): Steps<void> {
		const names = this.#dirty;
		const at = this.#dirtySince;
		this.#dirty = new Set();
		let awaitsMore = false;
		try {
			let part: ServiceChange[] = [];
			for (const name of names) {
				names.delete(name);
				const change = yield* this.#take(name);
				if (change) part.push(change);
				if (names.size === 0) break;
				if (part.length < PART) continue;
				awaitsMore = true;
				yield* this.#tell(part, at, true);
				part = [];
				yield;
			}
			if (part.length === 0 && !awaitsMore) return;
			awaitsMore = false;
			yield* this.#tell(part, at, false);
		} finally {
			for (const name of names) this.mark(name);
			if (awaitsMore) for (const listener of this.#listeners) listener([], at, false);
		}
	}

	*#take(name: string): Steps<ServiceChange | undefined> {
		const current = yield* this.#newest(name);
		const previous = this.states.get(name);
		if (current) this.states.set(name, current);
		else this.states.delete(name);
		return previous === current ? undefined : { name, previous, current, diff: undefined };
	}

	*#tell(part: readonly ServiceChange[], at: number, more: boolean): Steps<void> {
		for (const listener of this.#listeners) {
			const steps = listener(part, at, more);
			if (steps) yield* steps;
		}
	}
}
