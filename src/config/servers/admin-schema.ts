import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";
import { address, addressOrSocket, file, socketMode, yesOrNo } from "./address-schema.js";
import { openListenProblem } from "./open-listen.js";
import { tlsSchema } from "./tls-schema.js";

/** Settings of the admin server. */
export function adminSchema() {
	return strictObject({
		listen: addressOrSocket("127.0.0.1:18001")
			.prefault("127.0.0.1:18001")
			.describe("Where the admin API, metrics and health are served; unix:/path is a socket."),
		socketMode: socketMode().default("660").describe("The mode of a Unix socket."),
		tls: tlsSchema()
			.optional()
			.describe("TLS for the admin API: files relative to the config's folder, followed as they change."),
		insecure: yesOrNo()
			.default(false)
			.describe("Whether an address that other machines reach may be served without TLS."),
		tokens: tokensSchema()
			.optional()
			.describe(
				"Who may read and who may change something, by bearer tokens in files. Whoever reaches it unless given.",
			),
		hosts: hostNames()
			.default([])
			.describe(
				"Host names by which it may be asked, beside loopback ones, IP addresses and those of its certificate.",
			),
		health: address("0.0.0.0:18003")
			.optional()
			.describe("Where health and readiness are served alone, for probes. Only with the admin API unless given."),
		metrics: yesOrNo().default(true).describe("Whether the metrics are served where health is, too."),
	}).superRefine((admin, ctx) => {
		const message = openListenProblem(admin.listen, "admin", admin);
		if (message) ctx.addIssue({ code: "custom", message, path: ["listen"] });
		if (admin.tls && admin.listen.path !== undefined)
			ctx.addIssue({
				code: "custom",
				message: "a Unix socket has no TLS: its mode says who may use it",
				path: ["tls"],
			});
	});
}

function tokensSchema() {
	return strictObject({
		viewer: file("with a token a line").optional().describe("Who brings one of these tokens may read."),
		operator: file("with a token a line")
			.optional()
			.describe("Who brings one of these tokens may read, and change something."),
	}).refine(({ viewer, operator }) => viewer !== undefined || operator !== undefined, {
		error: "expected viewer, operator or both",
	});
}

function hostNames() {
	const expected = "expected a host name such as fingerpost.ops.svc, without port";
	const name = z
		.string({ error: ({ input }) => `${expected}, not ${describe(input)}` })
		.regex(/^[A-Za-z0-9._-]+$/, { error: expected });
	return z.array(name, { error: ({ input }) => `expected a list of host names, not ${describe(input)}` });
}
