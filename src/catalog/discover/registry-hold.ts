import type { GuardSettings } from "../../model/keep/safeguards.js";
import type { FoundService } from "../../providers/provider.js";
import { AT_ONCE_MS } from "../keep/recent-counts.js";

/** By the keys of the services. */
export type FoundServices = ReadonlyMap<string, FoundService>;

/** With fewer services it is no registry. */
const FEWEST = 4;
/** More lists than this within 5 s are not told apart. */
const MOST_LISTS = 16;

/** Keeps the services of a registry for a while where more than half of them would go within 5 s. */
export class RegistryHold {
	readonly #guard: () => GuardSettings | undefined;
	readonly #onRelease: () => void;
	/** What was there in the last 5 s, each with the time from which on. */
	#recent: { readonly at: number; readonly services: FoundServices }[] = [];
	/** What there was before most of it went. */
	#before: FoundServices | undefined;
	#approved = new Set<string>();
	#said: FoundServices = new Map();
	#timer: NodeJS.Timeout | undefined;

	/** @param onRelease nothing is held any more. */
	constructor(guard: () => GuardSettings | undefined, onRelease: () => void) {
		this.#guard = guard;
		this.#onRelease = onRelease;
	}

	/** What the registry says, and what is held. */
	get services(): FoundServices {
		const held = [...this.#held()];
		return held.length === 0 ? this.#said : new Map([...this.#said, ...held]);
	}

	/** How many services are held. */
	get size(): number {
		return [...this.#held()].length;
	}

	/** Takes what the registry says. */
	next(said: FoundServices, now = performance.now()): void {
		const guard = this.#guard();
		while (this.#recent.length > 1 && (this.#recent[1] as { at: number }).at <= now - AT_ONCE_MS) this.#recent.shift();
		const before = this.#before ?? this.#largest();
		this.#said = said;
		const holds = guard?.registry === true && isMostGone(before, said);
		if (holds) {
			if (!this.#before) this.#wait(guard);
			this.#before = before;
		} else if (this.#before) this.#end();
		if (this.#recent.length >= MOST_LISTS) this.#recent.splice(1, 1);
		this.#recent.push({ at: now, services: said });
	}

	/** Whether the registry answers: only while it does, the time of the hold runs, from the beginning each time. */
	answers(does: boolean): void {
		const guard = this.#guard();
		if (!this.#before || !guard) return;
		if (!does) {
			clearTimeout(this.#timer);
			this.#timer = undefined;
		} else if (!this.#timer) this.#wait(guard);
	}

	/** Believes the registry as for this service. @returns whether it was held. */
	approve(key: string): boolean {
		if (!this.#before?.has(key) || this.#said.has(key) || this.#approved.has(key)) return false;
		this.#approved.add(key);
		return true;
	}

	stop(): void {
		this.#end();
	}

	*#held(): Iterable<readonly [string, FoundService]> {
		for (const each of this.#before ?? []) if (!this.#said.has(each[0]) && !this.#approved.has(each[0])) yield each;
	}

	#wait({ holdFor }: GuardSettings): void {
		this.#timer = setTimeout(() => {
			this.#end();
			this.#onRelease();
		}, holdFor);
	}

	#end(): void {
		clearTimeout(this.#timer);
		this.#before = undefined;
		this.#approved = new Set();
		this.#recent = this.#recent.slice(-1);
	}

	#largest(): FoundServices {
		return this.#recent.reduce<FoundServices>(
			(largest, { services }) => (services.size >= largest.size ? services : largest),
			this.#said,
		);
	}
}

function isMostGone(before: FoundServices, now: FoundServices): boolean {
	if (before.size < FEWEST) return false;
	let gone = 0;
	for (const key of before.keys()) if (!now.has(key)) gone++;
	return gone * 2 > before.size;
}
