import { z } from "zod";
import { describe } from "../../input/check.js";

interface Bounds {
	readonly example: number;
	/** 0 unless given. */
	readonly minimum?: number;
	/** The largest number of 32 bits unless given. */
	readonly maximum?: number;
}

/** A whole number. */
export function count({ example, minimum = 0, maximum = 2 ** 32 - 1 }: Bounds) {
	return z
		.int({ error: ({ input }) => `expected a whole number such as ${example}, not ${describe(input)}` })
		.min(minimum, { error: ({ input }) => `expected at least ${minimum}, not ${input}` })
		.max(maximum, { error: ({ input }) => `expected at most ${maximum}, not ${input}` });
}

/** Of 100; a whole number, as Envoy takes it. */
export function percent(example: number) {
	return count({ example, maximum: 100 });
}

export function flag() {
	return z.boolean({ error: ({ input }) => `expected true or false, not ${describe(input)}` });
}

/** @param what such as `the name of a header`. */
export function text(what: string) {
	return z
		.string({ error: ({ input }) => `expected ${what}, not ${describe(input)}` })
		.min(1, { error: `expected ${what}, not an empty text` })
		.refine((given) => !/\p{Cc}/u.test(given), {
			error: ({ input }) => `expected ${what} without line breaks and other control characters, not ${describe(input)}`,
		});
}
