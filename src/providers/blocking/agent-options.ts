import { z } from "zod";
import { describe } from "../../input/check.js";
import { accessProblem, path, text, tlsOptions } from "../http-client/client-options.js";
import type { HttpAccessOptions } from "../http-client/http-access.js";

export interface AgentDefaults {
	/** A URL. */
	readonly address: string;
	/** The environment variable that has a token by the source's own convention. */
	readonly tokenVariable: string;
	/** An example. */
	readonly tokenFile: string;
	readonly maxQueries: number;
	/** How many connections an agent lets one client have unless told otherwise. */
	readonly mostConnections: number;
}

/** The settings of every provider of a source with blocking queries. */
export function agentOptions({ address, tokenVariable, tokenFile, maxQueries, mostConnections }: AgentDefaults) {
	return {
		address: text(address)
			.refine((url) => /^https?:\/\/[^/@?#\s]+(\/[^?#\s]*)?$/.test(url) && URL.canParse(url), {
				error: ({ input }) => `expected a URL such as ${address}, not ${describe(input)}`,
			})
			.default(address)
			.describe("The agent or server that is asked, best the agent of this machine."),
		token: text(`\${${tokenVariable}}`)
			.refine((value) => /^[\x21-\x7e]+$/.test(value), { error: "a token has no blanks and no strange characters" })
			.optional()
			.describe("The ACL token; tokenFile keeps it out of the config."),
		tokenFile: path(tokenFile)
			.optional()
			.describe("A file with the ACL token. It is followed: the next request brings the new one."),
		...tlsOptions,
		stale: z
			.boolean({ error: ({ input }) => `expected true or false, not ${describe(input)}` })
			.default(false)
			.describe("Whether any server may answer, not only the leader: less load on it, and answers that may be older."),
		maxQueries: z
			.int({ error: ({ input }) => `expected a whole number such as ${maxQueries}, not ${describe(input)}` })
			.min(1, { error: "expected at least 1" })
			.max(10_000, { error: "expected at most 10000" })
			.default(maxQueries)
			.describe(
				`How many queries, each on a connection of its own, run at once. More services than these take turns. An agent lets a client have ${mostConnections} connections unless told otherwise (http_max_conns_per_client).`,
			),
	};
}

/** Says which settings do not go together. */
export function checkAccess(options: HttpAccessOptions, ctx: z.core.$RefinementCtx): void {
	const problem = accessProblem(options);
	if (problem) ctx.addIssue({ code: "custom", path: [problem.key], message: problem.message });
}
