import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";

/** Above it a part is hardly smaller than the whole. */
const MAX_SIZE = 10_000;

export function subsetSchema() {
	const settings = strictObject({
		size: z
			.int({ error: ({ input }) => `expected a whole number such as 20, not ${describe(input)}` })
			.min(2, { error: ({ input }) => `a client has at least 2 endpoints, not ${input}` })
			.max(MAX_SIZE, { error: ({ input }) => `at most ${MAX_SIZE} endpoints, not ${input}` })
			.describe("How many endpoints of each priority a client gets at least. Required."),
	});
	const error = ({ input }: { readonly input?: unknown }) => `expected off or {size: 20}, not ${describe(input)}`;
	return z.union([z.literal("off", { error }), settings], { error });
}
