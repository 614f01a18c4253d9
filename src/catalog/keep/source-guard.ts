import type { Target } from "../../model/target.js";
import { AT_ONCE_MS } from "./recent-counts.js";

/** How long the emptying of a target waits for others of its source to follow: milliseconds. */
export const WAIT_MS = 1_000;
/** With fewer targets that have endpoints, a source is no registry. */
const FEWEST = 4;

/** A target that its source may empty. */
export interface Emptiable {
	/** The source empties too many at once: what was served just now stays. */
	holdForRegistry(): void;
}

/** Sees when one source would empty most of its targets within 5 s. */
export class SourceGuard {
	/** Those that have endpoints, held ones too. */
	readonly #full = new Set<Emptiable>();
	/** Those among them that the source has just emptied, oldest first, with the time. */
	readonly #emptied = new Map<Emptiable, number>();
	/** Those that were emptied a moment ago and are not served any more. */
	readonly #passed = new Map<Emptiable, number>();
	/** Of those emptied, the ones of which it is not decided yet. */
	readonly #waiting = new Set<Emptiable>();

	/** Whether the target has endpoints that get traffic, held ones too. */
	isFull(target: Emptiable, full: boolean): void {
		if (full) {
			this.#full.add(target);
			this.#passed.delete(target);
		} else this.#full.delete(target);
	}

	/** The source says that the target is not empty. */
	filled(target: Emptiable): void {
		this.#emptied.delete(target);
		this.#waiting.delete(target);
	}

	/** The source empties a target that had endpoints. @returns what is to happen to them. */
	emptied(target: Emptiable, now: number): "pass" | "waiting" | "registry" {
		for (const some of [this.#emptied, this.#passed]) {
			for (const [each, at] of some) {
				if (at > now - AT_ONCE_MS) break;
				some.delete(each);
				this.#waiting.delete(each);
			}
		}
		this.#emptied.set(target, now);
		const all = this.#full.size + this.#passed.size;
		if (all < FEWEST) {
			this.passed(target, now);
			return "pass";
		}
		if ((this.#emptied.size + this.#passed.size) * 2 <= all) {
			this.#waiting.add(target);
			return "waiting";
		}
		const others = [...this.#waiting, ...this.#passed.keys()];
		this.#waiting.clear();
		this.#passed.clear();
		for (const each of others) {
			this.#emptied.set(each, now);
			each.holdForRegistry();
		}
		return "registry";
	}

	/** The target is not served any more. */
	passed(target: Emptiable, now: number): void {
		this.filled(target);
		this.#full.delete(target);
		this.#passed.set(target, now);
	}

	leave(target: Emptiable): void {
		this.filled(target);
		this.#full.delete(target);
		this.#passed.delete(target);
	}
}

/** A guard for each source: what has the same scheme and server. */
export class SourceGuards {
	readonly #guards = new Map<string, SourceGuard>();

	of({ scheme, authority }: Target): SourceGuard {
		const key = `${scheme}://${authority}`;
		const known = this.#guards.get(key);
		if (known) return known;
		const guard = new SourceGuard();
		this.#guards.set(key, guard);
		return guard;
	}
}
