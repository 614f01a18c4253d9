import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { DROP_AT_ONCE, KEEP_FOR_EVER, type OutagePolicy, type WrittenGuard } from "../../model/keep/safeguards.js";

const ON_FAILURE = "keep, drop or {keep: 10m, then: degrade}";
const GUARD = "off or settings such as {maxRemovalPercent: 80}";

function expected(what: string, input: unknown): string {
	return `expected ${what}, not ${describe(input)}`;
}

/** `keep`, `drop`, or for how long to keep and what then. */
function onFailureSchema() {
	const word = z
		.enum(["keep", "drop"], { error: ({ input }) => expected(ON_FAILURE, input) })
		.transform((each): OutagePolicy => (each === "keep" ? KEEP_FOR_EVER : DROP_AT_ONCE));
	const limited = strictObject({
		keep: duration({ example: "10m", minimum: 1 }).describe("So long after its last success they stay as they were."),
		// biome-ignore lint/suspicious/noThenProperty: it is the key of the config, and no function.
		then: oneOf(["drop", "degrade"]).describe(
			"What then becomes of them: left out, or used only while there are no others.",
		),
	}).transform(({ keep, then: after }): OutagePolicy => ({ keep, after }));
	return z.union([word, limited], {
		error: ({ input }) => expected(ON_FAILURE, input),
	});
}

function guardSchema() {
	const percent = z
		.number({ error: ({ input }) => `expected a percentage such as 80, not ${describe(input)}` })
		.min(0, { error: ({ input }) => `a percentage is at least 0, not ${input}` })
		.max(100, { error: ({ input }) => `a percentage is at most 100, not ${input}` });
	const count = z
		.int({ error: ({ input }) => `expected a whole number such as 2, not ${describe(input)}` })
		.min(0, { error: ({ input }) => `a number of endpoints is at least 0, not ${input}` });
	const object = strictObject({
		maxRemovalPercent: percent
			.optional()
			.describe("If more of 2 or more ready endpoints go within 5 s, they are held: 80 percent unless given."),
		minEndpoints: count
			.optional()
			.describe(
				"From so many ready endpoints, or more, to fewer: those that would go are held. 0, no floor, unless given.",
			),
		holdFor: duration({ example: "60s" })
			.optional()
			.describe("For so long the source must say the same before what is held goes: 60s unless given."),
		registry: z
			.union([z.boolean(), z.enum(["on", "off"]).transform((each) => each === "on")], {
				error: ({ input }) => `expected true or false, not ${describe(input)}`,
			})
			.optional()
			.describe("Whether all is held where a source would empty more than half of 4 or more targets within 5 s."),
	});
	return z.union(
		[
			z.literal("off", { error: ({ input }) => expected(GUARD, input) }),
			object.transform((each): WrittenGuard => each),
		],
		{
			error: ({ input }) => expected(GUARD, input),
		},
	);
}

/** What can be said for all services, of a service and of a target. */
export function safeguardsShape() {
	return {
		guard: guardSchema()
			.optional()
			.describe(
				"Holds endpoints for a while that would go all at once. off: nothing is held. On, at the top; elsewhere as said further out.",
			),
		onFailure: onFailureSchema()
			.optional()
			.describe("What becomes of the endpoints while their source fails. They are kept for ever unless given."),
	};
}

/** What the config says of it at the top. */
export function stateSection() {
	return strictObject({
		directory: z
			.string({ error: ({ input }) => `expected a directory, not ${describe(input)}` })
			.min(1, { error: "expected a directory" })
			.optional()
			.describe(
				"Where the last known good of every target is kept, for the next start. A relative path begins at the config file.",
			),
	});
}
