import { PATIENCE } from "./patience.js";

export interface WaitOptions {
	/** Milliseconds until it gives up; 60 s by default. Give one only where it is a rule of what is waited for. */
	readonly timeout?: number;
	/** Milliseconds between two looks; 20 by default. */
	readonly interval?: number;
	/** Ends the waiting early, with its reason. */
	readonly signal?: AbortSignal;
}

/**
 * Looks until the probe gives something truthy, and returns that. A probe that throws counts as "not yet".
 * @throws Error with what was last seen, when the time is up
 */
export async function waitUntil<T>(
	what: string,
	probe: () => T | Promise<T>,
	{ timeout = PATIENCE, interval = 20, signal }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
	const deadline = performance.now() + timeout;
	let last: unknown;
	for (;;) {
		signal?.throwIfAborted();
		try {
			last = await probe();
			if (last) return last as Exclude<T, false | null | undefined | 0 | "">;
		} catch (reason) {
			last = reason;
		}
		if (performance.now() >= deadline) {
			const seen = last instanceof Error ? last.message : JSON.stringify(last);
			throw new Error(`waited ${timeout} ms in vain until ${what}; last seen: ${seen}`, { cause: last });
		}
		await new Promise((resolve) => setTimeout(resolve, interval));
	}
}
