import { setImmediate as turn } from "node:timers/promises";
import { sortInSteps } from "./steps.js";

/** How long one piece of work after another may hold the event loop before others have it: milliseconds. */
const SLICE_MS = 5;
/** What is handed on at once: characters. */
const CHUNK_LENGTH = 64 * 1024;

/** Milliseconds from any time on. */
interface Clock {
	now(): number;
}

/** Turns of the event loop for long work: one slice of it a turn, however many want one. */
export class Turns {
	#last: Promise<unknown> = Promise.resolve();

	/** Resolves in a turn of the event loop that nobody else of these has. */
	next(): Promise<unknown> {
		this.#last = this.#last.then(() => turn());
		return this.#last;
	}
}

/**
 * Puts a text together from pieces, in slices of 5 ms. A piece is what work takes a short time: an empty one stands for
 * work without text.
 * @returns chunks of at least 64 Ki characters, but the last one; at least one
 */
export async function* inSlices(
	pieces: Iterable<string>,
	turns: Turns,
	clock: Clock = performance,
): AsyncGenerator<string> {
	let chunk = "";
	await turns.next();
	let started = clock.now();
	for (const piece of pieces) {
		chunk += piece;
		const isFull = chunk.length >= CHUNK_LENGTH;
		if (isFull) {
			yield chunk;
			chunk = "";
		}
		if (!isFull && clock.now() - started < SLICE_MS) continue;
		await turns.next();
		started = clock.now();
	}
	yield chunk;
}

/** Sorts texts by code unit, in steps for inSlices(). */
export function sortTexts(texts: readonly string[]): Generator<"", readonly string[]> {
	return sortInSteps(texts, (a, b) => (a < b ? -1 : a > b ? 1 : 0), "" as const);
}
