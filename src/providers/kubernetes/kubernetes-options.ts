import { isAbsolute } from "node:path";
import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import type { ClusterOptions } from "./access/load-kube-config.js";

const ADDRESS_FAMILIES = ["prefer-ipv4", "prefer-ipv6", "both"] as const;
const NOT_READY = ["omit", "unhealthy"] as const;

/** The settings of the Kubernetes provider; each key may be missing. */
export const kubernetesOptions = strictObject({
	kubeconfig: path("~/.kube/config")
		.optional()
		.describe(
			"The kubeconfig file. Without it and without server: $KUBECONFIG, ~/.kube/config, else the pod's own service account.",
		),
	context: text("prod").optional().describe("The context within the kubeconfig; its current one unless given."),
	server: server()
		.optional()
		.describe("The API server, instead of a kubeconfig. http:// is for a proxy on the same machine only."),
	// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of configs
	token: text("${KUBE_TOKEN}").optional().describe("The bearer token, with server."),
	tokenFile: path("/var/run/secrets/tokens/fingerpost")
		.optional()
		.describe("A file with the bearer token, with server. It is read again at least once a minute and after a 401."),
	caFile: path("/etc/fingerpost/cluster-ca.crt")
		.optional()
		.describe("The certificate authority of the API server, PEM, with server; the system's unless given."),
	insecure: z
		.boolean({ error: ({ input }) => `expected true or false, not ${describe(input)}` })
		.default(false)
		.describe("Whether credentials are also sent to an http:// server, where everybody on the way can read them."),
	addressFamily: oneOf(ADDRESS_FAMILIES)
		.default("prefer-ipv4")
		.describe("Which addresses of a dual-stack service are used: the other family only where the preferred has none."),
	notReady: oneOf(NOT_READY)
		.default("omit")
		.describe("Whether endpoints that are not ready are left out, or kept as unhealthy."),
	podLabels: z
		.array(labelName("version"), {
			error: ({ input }) => `expected a list of names of labels such as [version], not ${describe(input)}`,
		})
		.optional()
		.describe("Labels of pods that become metadata of their endpoints. It needs the right to read pods."),
	weightAnnotation: labelName("fingerpost.io/weight")
		.optional()
		.describe("The annotation of pods that holds the weight of their endpoints. It needs the right to read pods."),
	region: text("eu").optional().describe("The region of every endpoint of this cluster; slices tell the zone only."),
	minInterval: duration({ example: "10s", minimum: 1_000 })
		.prefault("10s")
		.describe("A refresh lists a namespace again at most this often."),
}).superRefine((options, ctx) => {
	const problem = combinationProblem(options);
	if (problem) ctx.addIssue({ code: "custom", path: [problem.key], message: problem.message });
});

/** The settings of the Kubernetes provider, with their defaults; durations in milliseconds. */
export type KubernetesOptions = z.output<typeof kubernetesOptions>;

function combinationProblem(options: ClusterOptions): { readonly key: string; readonly message: string } | undefined {
	if (options.server !== undefined) {
		for (const key of ["kubeconfig", "context"] as const) {
			if (options[key] !== undefined) return { key, message: `give either server or ${key}, not both` };
		}
	} else {
		for (const key of ["token", "tokenFile", "caFile"] as const) {
			if (options[key] !== undefined) return { key, message: `${key} goes with server, which is not given` };
		}
	}
	if (options.token !== undefined && options.tokenFile !== undefined) {
		return { key: "tokenFile", message: "give either token or tokenFile, not both" };
	}
	return undefined;
}

function text(example: string) {
	return z
		.string({ error: ({ input }) => `expected a string such as ${example}, not ${describe(input)}` })
		.min(1, { error: `expected a string such as ${example}, not an empty one` })
		.meta({ examples: [example] });
}

function labelName(example: string) {
	return text(example).regex(
		/^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
		{
			error: ({ input }) => `expected a name such as ${example}, not ${describe(input)}`,
		},
	);
}

function path(example: string) {
	return text(example).refine((file) => isAbsolute(file) || file.startsWith("~/"), {
		error: ({ input }) => `expected an absolute path or one that begins with ~/, not ${describe(input)}`,
	});
}

function server() {
	return text("https://10.0.0.1:6443").refine(
		(url) => /^https?:\/\/[^/@?#]+(\/[^?#]*)?$/.test(url) && URL.canParse(url),
		{
			error: ({ input }) => `expected a URL such as https://10.0.0.1:6443, not ${describe(input)}`,
		},
	);
}
