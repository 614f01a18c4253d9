import { isAbsolute } from "node:path";
import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";
import { parseEtcdServer } from "./client/etcd-server.js";

const EXAMPLE = "http://127.0.0.1:2379";

const server = z
	.string({ error: ({ input }) => `expected a server such as ${EXAMPLE}, not ${describe(input)}` })
	.meta({ examples: [EXAMPLE, "https://etcd-0.internal:2379"] })
	.transform((text, ctx) => {
		const parsed = parseEtcdServer(text);
		if (parsed) return parsed;
		ctx.addIssue({
			code: "custom",
			message: `expected a server's URL such as ${EXAMPLE} or https://etcd-0.internal:2379, not ${describe(text)}`,
		});
		return z.NEVER;
	});

/** The settings of the etcd provider. */
export const etcdOptions = strictObject({
	endpoints: z
		.array(server, { error: ({ input }) => `expected a list of servers such as [${EXAMPLE}], not ${describe(input)}` })
		.min(1, { error: `expected at least one server such as ${EXAMPLE}` })
		.prefault([EXAMPLE])
		.describe("The servers of the cluster. One is asked; when it fails, the next."),
	username: text("fingerpost").optional().describe("The user, where etcd has authentication."),
	// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of configs
	password: text("${ETCD_PASSWORD}").optional().describe("The user's password."),
	passwordFile: path("/run/secrets/etcd-password")
		.optional()
		.describe("A file with the user's password. It is read again whenever a token is asked for."),
	ca: path("/etc/fingerpost/etcd-ca.crt")
		.optional()
		.describe("The certificate authority of the servers, PEM; the system's unless given. For https:// servers."),
	cert: path("/etc/fingerpost/etcd.crt")
		.optional()
		.describe("The certificate that is shown to the servers, PEM. Read again for each connection, as ca and key are."),
	key: path("/etc/fingerpost/etcd.key").optional().describe("The key of the certificate, PEM."),
}).superRefine((options, ctx) => {
	for (const { key, message } of problemsOf(options)) ctx.addIssue({ code: "custom", path: [key], message });
});

/** The settings of the etcd provider, with their defaults. */
export type EtcdOptions = z.output<typeof etcdOptions>;

interface Given {
	readonly endpoints: readonly { readonly secure: boolean }[];
	readonly username?: string | undefined;
	readonly password?: string | undefined;
	readonly passwordFile?: string | undefined;
	readonly ca?: string | undefined;
	readonly cert?: string | undefined;
	readonly key?: string | undefined;
}

function problemsOf(options: Given): readonly { readonly key: string; readonly message: string }[] {
	const { endpoints, username, password, passwordFile, cert, key } = options;
	const problems: { key: string; message: string }[] = [];
	const tell = (key: string, message: string) => problems.push({ key, message });
	if (password !== undefined && passwordFile !== undefined) {
		tell("passwordFile", "give either password or passwordFile, not both");
	}
	if (username !== undefined && password === undefined && passwordFile === undefined) {
		tell("username", "a user has a password: set password or passwordFile");
	}
	for (const name of ["password", "passwordFile"] as const) {
		if (options[name] !== undefined && username === undefined)
			tell(name, `${name} goes with username, which is not given`);
	}
	if (cert !== undefined && key === undefined) tell("cert", "a certificate goes with its key: set key");
	if (key !== undefined && cert === undefined) tell("key", "a key goes with its certificate: set cert");
	if (endpoints.some(({ secure }) => secure)) return problems;
	for (const name of ["ca", "cert", "key"] as const) {
		if (options[name] !== undefined) tell(name, `${name} is for TLS, and no server in endpoints begins with https://`);
	}
	return problems;
}

function text(example: string) {
	return z
		.string({ error: ({ input }) => `expected a text such as ${example}, not ${describe(input)}` })
		.min(1, { error: `expected a text such as ${example}, not an empty one` })
		.meta({ examples: [example] });
}

function path(example: string) {
	return text(example).refine((file) => isAbsolute(file) || file.startsWith("~/"), {
		error: ({ input }) => `expected an absolute path or one that begins with ~/, not ${describe(input)}`,
	});
}
