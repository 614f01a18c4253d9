import { z } from "zod";
import { describe } from "../../input/check.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { DENIALS } from "../../model/access/access-rule.js";

/** Characters of a pattern: identities are no longer. */
const MAX_PATTERN = 2_048;

/** Who may see what, and who may look at others. */
export function accessShape() {
	return {
		access: list(rule(), "rules")
			.optional()
			.describe(
				"Who may see which services: the first rule that fits a client decides, and whom none fits sees nothing. Who may connect sees everything unless given.",
			),
		denied: oneOf(DENIALS)
			.default("hidden")
			.describe(
				"What a client hears of a service that it may not see: nothing, as if it did not exist, or that it is not for it, where the client knows resource_errors.",
			),
		debug: debug()
			.default("loopback")
			.describe(
				"Who may ask for client status (CSDS) and reflection: who comes from a loopback address, nobody, or clients of these identities.",
			),
	};
}

function rule() {
	return strictObject({
		identity: pattern("spiffe://prod/ns/shop/sa/*").describe(
			"What the client's identity must match; * alone matches who has none, too.",
		),
		services: list(pattern("shop/*"), "patterns of service names").describe(
			"Patterns of the services that it may see.",
		),
		node: strictObject({
			id: pattern("shop-*").optional().describe("What its node.id must match, which is only a claim."),
			cluster: pattern("shop-*").optional().describe("What its node.cluster must match, which is only a claim."),
		})
			.optional()
			.describe("What the client says of itself must match this, too."),
	});
}

function debug() {
	const expected = "expected loopback, off or a list of identities";
	return z.union(
		[
			z.enum(["loopback", "off"], { error: ({ input }) => `${expected}, not ${describe(input)}` }),
			list(pattern("spiffe://prod/ns/ops/sa/*"), "patterns of identities"),
		],
		{ error: ({ input }) => `${expected}, not ${describe(input)}` },
	);
}

function list<T extends z.ZodType>(of: T, what: string) {
	return z.array(of, { error: ({ input }) => `expected a list of ${what}, not ${describe(input)}` });
}

function pattern(example: string) {
	const expected = `expected a pattern such as ${example}, in which * is any run of characters`;
	return z
		.string({ error: ({ input }) => `${expected}, not ${describe(input)}` })
		.min(1, { error: expected })
		.max(MAX_PATTERN, { error: `a pattern has at most ${MAX_PATTERN} characters` })
		.meta({ examples: [example] });
}
