import { z } from "zod";
import { didYouMean } from "../util/text/suggest.js";
import { describe } from "./check.js";

/** An object with these keys and no others; for an unknown key the message suggests the one that was meant. */
export function strictObject<S extends z.core.$ZodLooseShape>(shape: S) {
	const known = Object.keys(shape);
	return z.strictObject(shape, {
		error: (issue) =>
			issue.code === "unrecognized_keys"
				? // One line a key; each is placed at its own key.
					(issue.keys as string[])
						.map(
							(key) => `unknown key ${describe(key)}${didYouMean(key, known) || `; known keys: ${known.join(", ")}`}`,
						)
						.join("\n")
				: undefined,
	});
}
