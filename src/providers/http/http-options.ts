import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { strictObject } from "../../input/strict-object.js";
import { accessProblem, path, tlsOptions } from "../http-client/client-options.js";

const MIB = 1024 * 1024;
const DEFAULT_MAX_BYTES = 16 * MIB;
/** What a text may have that is read as a whole. */
const HIGHEST_MAX_BYTES = 256 * MIB;

/** The settings of the HTTP provider. All times are milliseconds once read. */
export const httpOptions = strictObject({
	interval: duration({ example: "30s", minimum: 1_000 })
		.prefault("30s")
		.describe("From an answer to the next request, where the answer has no Cache-Control: max-age."),
	timeout: duration({ example: "10s", minimum: 100 })
		.prefault("10s")
		.describe("How long a request may take, from the connection to the end of the list."),
	tokenFile: path("/var/run/secrets/tokens/inventory")
		.optional()
		.describe("A file with the bearer token that each request brings. It is followed."),
	...tlsOptions,
	maxBytes: z
		.int({ error: ({ input }) => `expected bytes, such as ${DEFAULT_MAX_BYTES}, not ${describe(input)}` })
		.min(1, { error: ({ input }) => `a limit is at least 1, not ${input}` })
		.max(HIGHEST_MAX_BYTES, { error: ({ input }) => `a limit is at most ${HIGHEST_MAX_BYTES}, not ${input}` })
		.default(DEFAULT_MAX_BYTES)
		.describe("Bytes that a list may have, unpacked; of a larger one no more is read, and what is known stays."),
}).superRefine((options, ctx) => {
	const problem = accessProblem(options);
	if (problem) ctx.addIssue({ code: "custom", path: [problem.key], message: problem.message });
});

/** The settings of the HTTP provider, with their defaults. */
export type HttpOptions = Readonly<z.output<typeof httpOptions>>;
