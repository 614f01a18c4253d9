import { z } from "zod";
import { didYouMean } from "../util/text/suggest.js";
import { describe } from "./check.js";

/** One of these words; a misspelt one is told with what was meant. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
	return z.enum(words, {
		error: ({ input }) =>
			`expected one of ${words.join(", ")}, not ${describe(input)}${typeof input === "string" ? didYouMean(input, words) : ""}`,
	});
}
