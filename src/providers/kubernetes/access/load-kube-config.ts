import { access, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Cluster, KubeConfig, User } from "@kubernetes/client-node";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { expandHome, homeFolder } from "../../../util/files/expand-home.js";
import { environmentProxy } from "../../http-client/environment-proxy.js";
import { loadClientLibrary } from "./client-library.js";
import { withExecInfo } from "./exec-plugin.js";
import { readKubeconfigs, type TokenFiles } from "./kubeconfig-files.js";

/** The settings for the API server and its credentials; see kubernetes-options.ts. */
export type ClusterOptions = {
	readonly [key in "kubeconfig" | "context" | "server" | "token" | "tokenFile" | "caFile"]?: string | undefined;
} & { readonly insecure?: boolean | undefined };

/**
 * Reads which API server to ask, and with which credentials. A kubeconfig means what it means to
 * kubectl.
 * @throws SourceFailed if the client library is not installed, or no cluster is known.
 */
export async function loadKubeConfig(options: ClusterOptions): Promise<KubeConfig> {
	const { KubeConfig } = await loadClientLibrary();
	const config = new KubeConfig();
	let tokenFiles: TokenFiles = new Map();
	try {
		if (options.server !== undefined) await fromServer(config, options, options.server);
		else if (options.kubeconfig !== undefined) {
			tokenFiles = await readKubeconfigs(config, [expandHome(options.kubeconfig)]);
		} else tokenFiles = await fromSurroundings(config);
	} catch (cause) {
		if (cause instanceof SourceFailed) throw cause;
		throw new SourceFailed(`the pod's service account cannot be used: ${messageOf(cause)}`, { cause });
	}
	if (options.context !== undefined) config.setCurrentContext(options.context);
	const cluster = config.getCurrentCluster();
	if (!cluster) {
		const names = config.getContexts().map(({ name }) => name);
		const which = config.getCurrentContext();
		throw new SourceFailed(
			`the kubeconfig has no ${which ? `context "${which}" with a cluster` : "current context"}; contexts: ${names.join(", ") || "none"}`,
		);
	}
	const used = usedCluster(cluster);
	const user = await usedUser(config, used, tokenFiles, options);
	config.clusters = [used];
	config.users = [user];
	config.contexts = [{ name: config.getCurrentContext(), cluster: used.name, user: user.name }];
	return config;
}

/** Through the proxy that it names, or else the environment. */
function usedCluster(cluster: Cluster): Cluster {
	const { server } = cluster;
	if (!/^https?:\/\//i.test(server) || !URL.canParse(server)) {
		throw new SourceFailed(
			`the kubeconfig's server ${JSON.stringify(server)} is not a URL such as https://10.0.0.1:6443`,
		);
	}
	const proxyUrl = cluster.proxyUrl || proxyOf(server);
	return {
		...cluster,
		...(proxyUrl === undefined ? {} : { proxyUrl }),
		// The library takes plain HTTP, as `kubectl proxy` speaks it, only with a flag that is about TLS.
		...(isPlain(server) ? { skipTLSVerify: true } : {}),
	};
}

function proxyOf(server: string): string | undefined {
	try {
		return environmentProxy(server);
	} catch (cause) {
		throw new SourceFailed(messageOf(cause), { cause });
	}
}

/** No credentials over plain HTTP, as kubectl sends none, unless that is wanted. Without a user, nobody's. */
async function usedUser(
	config: KubeConfig,
	cluster: Cluster,
	tokenFiles: TokenFiles,
	{ insecure }: ClusterOptions,
): Promise<User> {
	const user = config.getCurrentUser();
	if (!user || (isPlain(cluster.server) && !insecure)) return { name: user?.name ?? "nobody" };
	const told = withExecInfo(user, cluster);
	const file = tokenFiles.get(user.name);
	// A user's token file wins over a token.
	return file === undefined ? told : { ...told, token: await readToken(file) };
}

/** Whether what is sent there can be read on the way. */
export function isPlain(server: string): boolean {
	return /^http:/i.test(server);
}

async function fromServer(config: KubeConfig, options: ClusterOptions, server: string): Promise<void> {
	const token = options.tokenFile === undefined ? options.token : await readToken(expandHome(options.tokenFile));
	config.loadFromClusterAndUser(
		{
			name: "server",
			server,
			skipTLSVerify: false,
			...(options.caFile === undefined ? {} : { caFile: expandHome(options.caFile) }),
		},
		{ name: "user", ...(token === undefined ? {} : { token }) },
	);
}

async function readToken(file: string): Promise<string> {
	let token: string;
	try {
		token = (await readFile(file, "utf8")).trim();
	} catch (cause) {
		throw new SourceFailed(`the tokenFile cannot be read: ${messageOf(cause)}`, { cause });
	}
	if (token === "") throw new SourceFailed(`the tokenFile ${file} is empty`);
	return token;
}

/** $KUBECONFIG, ~/.kube/config, the pod's service account: the order of Kubernetes' own clients. */
async function fromSurroundings(config: KubeConfig): Promise<TokenFiles> {
	const { KUBECONFIG, KUBERNETES_SERVICE_HOST } = process.env;
	const named = KUBECONFIG?.split(delimiter).filter((file) => file !== "") ?? [];
	if (named.length > 0) return readKubeconfigs(config, named);
	const folder = homeFolder();
	const home = folder === undefined ? undefined : join(folder, ".kube", "config");
	if (home !== undefined && (await exists(home))) return readKubeconfigs(config, [home]);
	if (!KUBERNETES_SERVICE_HOST) {
		throw new SourceFailed(
			"no cluster is known: give the provider a kubeconfig or a server, or run in a pod with a service account",
		);
	}
	config.loadFromCluster();
	return new Map();
}

async function exists(path: string): Promise<boolean> {
	try {
		await access(path);
		return true;
	} catch {
		return false;
	}
}
