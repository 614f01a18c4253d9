import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";
import { splitHostPort } from "../../model/host-port.js";
import { isLocal } from "../../model/listen/listen-address.js";
import { accessProblem, path, text, tlsOptions } from "../../providers/http-client/client-options.js";
import { MAX_REPLICAS, type ReplicaAddress, replicaName } from "../../replicas/replica-settings.js";

/** Where the other replicas are. */
export function replicasSchema() {
	return strictObject({
		admin: z
			.array(address(), { error: ({ input }) => `expected a list of addresses, not ${describe(input)}` })
			.min(1, { error: "expected at least one address: without others leave replicas out" })
			.max(MAX_REPLICAS, { error: `expected at most ${MAX_REPLICAS} addresses` })
			.describe(
				"The admin ports of all replicas, this one or not: host:port or https://host:port. A name stands for all of its addresses, which are looked up every 5 s.",
			),
		token: text("a token of a viewer").optional().describe("The token to show; better in tokenFile."),
		tokenFile: path("/etc/fingerpost/viewer-token")
			.optional()
			.describe("A file with the token to show, of a viewer there. Followed. None unless given."),
		...tlsOptions,
	}).superRefine((settings, ctx) => {
		const problem = accessProblem(settings);
		if (problem) ctx.addIssue({ code: "custom", message: problem.message, path: [problem.key] });
		const open = settings.admin.findIndex((each) => !each.tls && !isLocal(each));
		if (open < 0 || (settings.token ?? settings.tokenFile) === undefined) return;
		const where = replicaName(settings.admin[open] as ReplicaAddress);
		const message = `the token would go to ${where} in clear: write https://${where}`;
		ctx.addIssue({ code: "custom", message, path: ["admin", open] });
	});
}

function address() {
	const expected = "expected host:port such as fingerpost-admin.fingerpost:18001, or https://host:port";
	return z
		.string({ error: ({ input }) => `${expected}, not ${describe(input)}` })
		.meta({ examples: ["10.0.0.7:18001", "https://fingerpost-admin.fingerpost:18001"] })
		.transform((written, ctx): ReplicaAddress => {
			const [, scheme = "", rest = ""] = /^(?:(https?):\/\/)?(.*?)\/?$/i.exec(written) ?? [];
			const parts = splitHostPort(rest);
			if (parts && parts.port >= 1 && parts.port <= 65_535) return { ...parts, tls: scheme.toLowerCase() === "https" };
			ctx.addIssue({ code: "custom", message: `${expected}, not ${describe(written)}` });
			return z.NEVER;
		});
}
