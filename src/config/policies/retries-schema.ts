import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { RETRY_CONDITIONS } from "../../model/policies/retry-conditions.js";
import { count } from "./numbers.js";

/** The most that Envoy is asked for. */
const MAX_ATTEMPTS = 20;

export function retriesSchema() {
	const condition = z.union([oneOf(RETRY_CONDITIONS), count({ example: 503, minimum: 100, maximum: 599 })], {
		error: ({ input }) =>
			`expected a word such as unavailable or a status such as 503, not ${describe(input)}; the words are ${RETRY_CONDITIONS.join(", ")}`,
	});
	const backOff = strictObject({
		base: duration({ example: "25ms", minimum: 1 }).describe("The time before the first retry, at most."),
		max: duration({ example: "250ms", minimum: 1 })
			.optional()
			.describe("The time before any further one, at most; ten times the first unless given."),
	}).refine(({ base, max = base }) => base <= max, { error: "max is below base", path: ["max"] });
	return strictObject({
		attempts: count({ example: 2, maximum: MAX_ATTEMPTS }).describe(
			"How often a request is tried once more; 0 is never. gRPC clients try four times more at most.",
		),
		on: z
			.array(condition, {
				error: ({ input }) => `expected a list such as [unavailable, 503], not ${describe(input)}`,
			})
			.min(1, { error: "expected at least one word or status" })
			.optional()
			.describe(
				"What is tried again: Envoy's words and HTTP statuses; unavailable unless given. What never reached an endpoint is in any case.",
			),
		perTryTimeout: duration({ example: "2s", minimum: 1 })
			.optional()
			.describe("How long each try may take, in Envoy; no limit of its own unless given."),
		backOff: backOff.optional().describe("How long is waited before a retry; in Envoy 25ms at most unless given."),
	});
}
