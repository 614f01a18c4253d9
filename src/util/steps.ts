import { setImmediate as turn } from "node:timers/promises";

/** Work in steps: between two of them the event loop may be let go. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** So long a slice of work holds the event loop, in milliseconds. */
const SLICE_MS = 5;

/** Does all the steps now. */
export function atOnce<T>(steps: Steps<T>): T {
	for (;;) {
		const { done, value } = steps.next();
		if (done) return value;
	}
}

/**
 * Does the steps in slices of 5 ms, so that everything else goes on between them.
 * @throws what the signal says, when it ends the work.
 */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
	try {
		for (let since = performance.now(); ; ) {
			const { done, value } = steps.next();
			if (done) return value;
			if (performance.now() - since < SLICE_MS) continue;
			await turn();
			signal?.throwIfAborted();
			since = performance.now();
		}
	} finally {
		// Frees what unfinished steps hold.
		steps.return(undefined as T);
	}
}
