import { isAbsolute } from "node:path";
import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";

/** How clients connect to the endpoints of a service by TLS. Keys stay where they are: only names of files go out. */
export function upstreamTlsSchema() {
	const ca = text("system, or the full path of a PEM file on the clients' machines").refine(
		(path) => path === "system" || isAbsolute(path),
		{ error: ({ input }) => `expected system, or the full path of a PEM file, not ${describe(input)}` },
	);
	const secret = text("the name of a secret such as default");
	return strictObject({
		ca: ca
			.default("system")
			.describe(
				"The CAs of the endpoints' certificates: system, or a PEM file on the Envoy's machine. gRPC clients take their own.",
			),
		sni: text("a server name such as web.internal")
			.max(255, { error: "a server name has at most 255 characters" })
			.optional()
			.describe("The server name that is asked for: the host of an https:// target unless given."),
		subjectAltNames: z
			.array(text("a name such as web.internal"), {
				error: ({ input }) => `expected a list of names such as [web.internal], not ${describe(input)}`,
			})
			.min(1, { error: "expected at least one name: without one, each certificate of the CA would do" })
			.optional()
			.describe(
				"DNS names, IP addresses or URIs; the endpoint's certificate must have one of them: sni, or the hosts of https:// targets, unless given.",
			),
		clientCertificate: z
			.union(
				[
					secret.transform((name) => ({ name })),
					strictObject({
						name: secret.describe("The name of the secret."),
						cluster: text("a cluster such as spire_agent")
							.optional()
							.describe(
								"The cluster by which Envoy asks for it; it is one of its static secrets unless cluster or file is given.",
							),
						file: path("a file of a secret such as /etc/envoy/client.yaml")
							.optional()
							.describe("The file on the Envoy's machine that has the secret, which Envoy follows."),
					}).refine(({ cluster, file }) => cluster === undefined || file === undefined, {
						error: "cluster and file exclude each other",
						path: ["file"],
					}),
				],
				{ error: ({ input }) => `expected a secret's name or {name, cluster}, not ${describe(input)}` },
			)
			.optional()
			.describe(
				"The certificate that clients bring: an Envoy's own secret of that name, a gRPC client's own. None unless given.",
			),
	});
}

function path(what: string) {
	return text(what).refine(isAbsolute, {
		error: ({ input }) => `expected the full path of ${what}, not ${describe(input)}`,
	});
}

function text(what: string) {
	return z
		.string({ error: ({ input }) => `expected ${what}, not ${describe(input)}` })
		.min(1, { error: `expected ${what}` });
}
