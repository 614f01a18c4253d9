import { bytesOfChange, type Change, sizeOfChange } from "./change.js";
import { deflatePack, packChanges, unpackChanges } from "./packed-changes.js";

/** So many changes are packed together at first. */
const FIRST = 16;
/** So many packs that follow one another are made one; none of them has more changes than that. Until then they are texts. */
const PACKS = 8;
const SMALL = 64;
/** A change of more endpoints is not packed, as that would take too long; nor are more packed together. */
const MAX_SIZE = 1_000;

/** Changes that follow one another. */
interface Part {
	readonly count: number;
	readonly bytes: number;
	/** As they are, or as a pack. */
	readonly changes: readonly Change[] | string | Uint8Array;
}

/** The last changes of one service: the newest as they are, the older ones packed. */
export class ChangeRing {
	readonly #most: number;
	/** Oldest first. */
	#parts: Part[] = [];
	#live: Change[] = [];
	#bytes = 0;
	#count = 0;

	/** @param most changes that are kept, about. */
	constructor(most: number) {
		this.#most = most;
	}

	/** What it takes in memory, about. */
	get bytes(): number {
		return this.#bytes;
	}

	get newest(): Change | undefined {
		// It is packed never, and forgotten last.
		return this.#live.at(-1);
	}

	/** Whether there are so many that are not packed that work() should be called. */
	get isDue(): boolean {
		return this.#live.length >= FIRST;
	}

	add(change: Change): void {
		this.#live.push(change);
		this.#bytes += bytesOfChange(change);
		this.#count++;
		while (this.#count > this.#most && this.#parts.length > 0) this.dropOldest();
	}

	/** Puts another one in place of a change that is not packed; nothing where it is by now. */
	replace(before: Change, after: Change): void {
		const place = this.#live.findLastIndex(({ added, at }) => added === before.added && at === before.at);
		const { ackedByAllAt } = this.#live[place] ?? {};
		if (place !== -1) this.#live[place] = { ...after, ackedByAllAt };
	}

	/** Of the changes that are not packed yet, since when no client lacks them. */
	ackedByAll(at: number): void {
		this.#live = this.#live.map((each) => (each.ackedByAllAt === undefined ? { ...each, ackedByAllAt: at } : each));
	}

	/** Packs what is due: a few milliseconds. */
	work(): void {
		if (!this.isDue) return;
		// The newest one may be told more of.
		const older = this.#live.slice(0, -1);
		this.#live = this.#live.slice(-1);
		let group: Change[] = [];
		const close = () => {
			if (group.length > 0) this.#append(group.length > SMALL ? deflated(partOf(group)) : partOf(group));
			group = [];
		};
		for (const change of older) {
			this.#bytes -= bytesOfChange(change);
			if (group.reduce((sum, each) => sum + sizeOfChange(each), sizeOfChange(change)) > MAX_SIZE) close();
			group.push(change);
		}
		close();
		this.#mergeSmall();
	}

	/** Forgets the oldest ones. @returns whether there were any. */
	dropOldest(): boolean {
		const part = this.#parts.shift();
		if (part) {
			this.#bytes -= part.bytes;
			this.#count -= part.count;
			return true;
		}
		const change = this.#live.shift();
		if (!change) return false;
		this.#bytes -= bytesOfChange(change);
		this.#count--;
		return true;
	}

	/** Newest first. Packs are opened as they are reached. */
	*newestFirst(): Iterable<Change> {
		yield* this.#live.toReversed();
		for (const { changes } of this.#parts.toReversed()) yield* opened(changes).toReversed();
	}

	#append(part: Part): void {
		this.#parts.push(part);
		this.#bytes += part.bytes;
	}

	/** The last packs, if there are enough small ones, become one. */
	#mergeSmall(): void {
		const large = this.#parts.findLastIndex(({ count, changes }) => !isPack(changes) || count > SMALL);
		const last = this.#parts.slice(large + 1);
		if (last.length < PACKS) return;
		this.#parts.splice(large + 1);
		for (const { bytes } of last) this.#bytes -= bytes;
		const changes = last.flatMap((each) => opened(each.changes));
		const isMuch = changes.reduce((sum, each) => sum + sizeOfChange(each), 0) > MAX_SIZE;
		for (const each of isMuch ? last : [partOf(changes)]) this.#append(deflated(each));
	}
}

function partOf(changes: readonly Change[]): Part {
	const [first] = changes;
	if (changes.length === 1 && first && sizeOfChange(first) > MAX_SIZE) {
		return { count: 1, bytes: bytesOfChange(first), changes };
	}
	const text = packChanges(changes);
	return { count: changes.length, bytes: Buffer.byteLength(text), changes: text };
}

function deflated(part: Part): Part {
	if (typeof part.changes !== "string") return part;
	const packed = deflatePack(part.changes);
	// An array buffer has a head of its own.
	return { ...part, bytes: packed.byteLength + 200, changes: packed };
}

function isPack(changes: Part["changes"]): changes is string | Uint8Array {
	return typeof changes === "string" || changes instanceof Uint8Array;
}

function opened(changes: Part["changes"]): readonly Change[] {
	return isPack(changes) ? unpackChanges(changes) : changes;
}
