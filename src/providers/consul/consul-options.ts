import { z } from "zod";
import { describe } from "../../input/check.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { accessProblem, path, text, tlsOptions } from "../http-client/client-options.js";

/** What an endpoint is whose worst check says `warning`. */
export const WARNINGS = ["healthy", "degraded", "unhealthy"] as const;

/** The settings of the Consul provider. */
export const consulOptions = strictObject({
	address: text("http://127.0.0.1:8500")
		.refine((url) => /^https?:\/\/[^/@?#\s]+(\/[^?#\s]*)?$/.test(url) && URL.canParse(url), {
			error: ({ input }) => `expected a URL such as http://127.0.0.1:8500, not ${describe(input)}`,
		})
		.default("http://127.0.0.1:8500")
		.describe("The agent or server that is asked, best the agent of this machine."),
	token: token().optional().describe("The ACL token; tokenFile keeps it out of the config."),
	tokenFile: path("/var/run/secrets/consul/token")
		.optional()
		.describe("A file with the ACL token. It is followed: the next request brings the new one."),
	...tlsOptions,
	datacenter: text("dc1").optional().describe("The datacenter of targets without ?dc=; the agent's own unless given."),
	namespace: text("shop").optional().describe("The namespace of targets without ?ns= (Consul Enterprise)."),
	partition: text("web").optional().describe("The admin partition of targets without ?partition= (Consul Enterprise)."),
	stale: z
		.boolean({ error: ({ input }) => `expected true or false, not ${describe(input)}` })
		.default(false)
		.describe("Whether any server may answer, not only the leader: less load on it, and answers that may be older."),
	warning: oneOf(WARNINGS)
		.default("healthy")
		.describe("What an instance is whose worst check says warning. Its weight is the one for warning in any case."),
	maxQueries: z
		.int({ error: ({ input }) => `expected a whole number such as 100, not ${describe(input)}` })
		.min(1, { error: "expected at least 1" })
		.max(10_000, { error: "expected at most 10000" })
		.default(100)
		.describe(
			"How many queries, each on a connection of its own, run at once. More services than these take turns. An agent lets a client have 200 connections unless told otherwise (http_max_conns_per_client).",
		),
}).superRefine((options, ctx) => {
	const problem = accessProblem(options);
	if (problem) ctx.addIssue({ code: "custom", path: [problem.key], message: problem.message });
});

/** The settings of the Consul provider, with their defaults. */
export type ConsulOptions = z.output<typeof consulOptions>;

function token() {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of configs
	return text("${CONSUL_HTTP_TOKEN}").refine((value) => /^[\x21-\x7e]+$/.test(value), {
		error: "a token has no blanks and no strange characters",
	});
}
