import type { Cluster, User } from "@kubernetes/client-node";
import { SourceFailed } from "../../../util/errors.js";

interface Exec {
	readonly apiVersion?: string;
	readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
	readonly interactiveMode?: string;
	readonly provideClusterInfo?: boolean;
}

/**
 * The user with a plug-in that is told what kubectl tells it: the version that is spoken, that nobody sits at a terminal,
 * and which cluster it is for where it asks for that. Cloud providers' plug-ins fail without it.
 * @throws SourceFailed if the plug-in works at a terminal only.
 */
export function withExecInfo(user: User, cluster: Cluster): User {
	const exec: Exec | undefined = user.exec;
	if (!exec) return user;
	if (exec.interactiveMode === "Always") {
		throw new SourceFailed(
			`the exec plug-in of the user "${user.name}" asks for a terminal (interactiveMode: Always), and there is none; use IfAvailable or Never`,
		);
	}
	const info = {
		kind: "ExecCredential",
		apiVersion: exec.apiVersion,
		spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: infoOf(cluster) } : {}) },
	};
	// What the kubeconfig sets wins, as it does for kubectl.
	const env = [{ name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }, ...(exec.env ?? [])];
	return { ...user, exec: { ...exec, env } };
}

/** With the words of client.authentication.k8s.io. */
function infoOf(cluster: Cluster) {
	return {
		server: cluster.server,
		...(cluster.tlsServerName ? { "tls-server-name": cluster.tlsServerName } : {}),
		...(cluster.skipTLSVerify ? { "insecure-skip-tls-verify": true } : {}),
		...(cluster.caData ? { "certificate-authority-data": cluster.caData } : {}),
		...(cluster.proxyUrl ? { "proxy-url": cluster.proxyUrl } : {}),
	};
}
