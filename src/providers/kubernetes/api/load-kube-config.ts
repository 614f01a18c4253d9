import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Cluster, KubeConfig, User } from "@kubernetes/client-node";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { loadClientLibrary } from "./client-library.js";
import { userTokenFile } from "./user-token-file.js";

/** The settings for the API server and its credentials; see kubernetes-options.ts. */
export type ClusterOptions = {
	readonly [key in "kubeconfig" | "context" | "server" | "token" | "tokenFile" | "caFile"]?: string | undefined;
};

/**
 * Reads which API server to ask, and with which credentials.
 * @throws SourceFailed if the client library is not installed, or no cluster is known.
 */
export async function loadKubeConfig(options: ClusterOptions): Promise<KubeConfig> {
	const { KubeConfig } = await loadClientLibrary();
	const config = new KubeConfig();
	let files: readonly string[] = [];
	try {
		if (options.server !== undefined) await fromServer(config, options, options.server);
		else if (options.kubeconfig !== undefined) files = fromFile(config, expandHome(options.kubeconfig));
		else files = await fromSurroundings(config);
	} catch (cause) {
		if (cause instanceof SourceFailed) throw cause;
		throw new SourceFailed(
			`the kubeconfig ${options.kubeconfig ?? ""} cannot be read: ${messageOf(cause)}`.replace("  ", " "),
			{ cause },
		);
	}
	if (options.context !== undefined) config.setCurrentContext(options.context);
	if (!config.getCurrentCluster()) {
		const names = config.getContexts().map(({ name }) => name);
		const which = config.getCurrentContext();
		throw new SourceFailed(
			`the kubeconfig has no ${which ? `context "${which}" with a cluster` : "current context"}; contexts: ${names.join(", ") || "none"}`,
		);
	}
	await addTokenFile(config, files);
	// A proxy such as `kubectl proxy` speaks plain HTTP; the library takes that only with a flag
	// that is about TLS.
	config.clusters = config.clusters.map(
		(cluster): Cluster => (cluster.server.startsWith("http:") ? { ...cluster, skipTLSVerify: true } : cluster),
	);
	return config;
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

/** A user's token file wins over a token. */
async function addTokenFile(config: KubeConfig, files: readonly string[]): Promise<void> {
	const user = config.getCurrentUser();
	if (!user) return;
	const file = await userTokenFile(user.name, files);
	if (file === undefined) return;
	const token = await readToken(file);
	config.users = config.users.map((each): User => (each.name === user.name ? { ...each, token } : each));
}

/** @returns the kubeconfig files that were read. */
function fromFile(config: KubeConfig, file: string): readonly string[] {
	config.loadFromFile(file);
	return [file];
}

/** $KUBECONFIG, ~/.kube/config, the pod's service account: the order of Kubernetes' own clients. */
async function fromSurroundings(config: KubeConfig): Promise<readonly string[]> {
	const { KUBECONFIG, KUBERNETES_SERVICE_HOST } = process.env;
	const home = join(homedir(), ".kube", "config");
	if (KUBECONFIG || (await exists(home))) {
		config.loadFromDefault();
		return KUBECONFIG ? KUBECONFIG.split(delimiter).filter((file) => file !== "") : [home];
	}
	if (!KUBERNETES_SERVICE_HOST) {
		throw new SourceFailed(
			"no cluster is known: give the provider a kubeconfig or a server, or run in a pod with a service account",
		);
	}
	config.loadFromCluster();
	return [];
}

export function expandHome(path: string): string {
	return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

async function exists(path: string): Promise<boolean> {
	try {
		await access(path);
		return true;
	} catch {
		return false;
	}
}
