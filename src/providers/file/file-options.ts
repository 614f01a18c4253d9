import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";

const MIB = 1024 * 1024;
/** The largest file that is read unless told otherwise: 16 MiB. */
export const DEFAULT_MAX_BYTES = 16 * MIB;
/** What a text may have that is read as a whole. */
const HIGHEST_MAX_BYTES = 256 * MIB;

/** The settings of the `file` provider. */
export const fileOptions = strictObject({
	maxBytes: z
		.int({ error: ({ input }) => `expected bytes, such as ${DEFAULT_MAX_BYTES}, not ${describe(input)}` })
		.min(1, { error: ({ input }) => `a limit is at least 1, not ${input}` })
		.max(HIGHEST_MAX_BYTES, { error: ({ input }) => `a limit is at most ${HIGHEST_MAX_BYTES}, not ${input}` })
		.default(DEFAULT_MAX_BYTES)
		.describe("Bytes that a file of endpoints may have; a larger one is not read, and what is known stays."),
});
