import { messageOf } from "../../util/errors.js";
import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { clientLibraryProblem } from "./access/client-library.js";
import { loadKubeConfig } from "./access/load-kube-config.js";
import { kubernetesOptions } from "./kubernetes-options.js";
import { KubernetesProvider } from "./kubernetes-provider.js";
import { readKubernetesRegistry, readKubernetesTarget } from "./kubernetes-target.js";

/** The `kubernetes` provider: the EndpointSlices of a Service. */
export const kubernetesKind: ProviderKind<typeof kubernetesOptions> = {
	type: "kubernetes",
	schemes: ["kubernetes", "k8s"],
	example: "k8s:///shop/checkout:http",
	exampleAll: "k8s:///shop/*:http",
	options: kubernetesOptions,
	check: checkBy(readKubernetesTarget),
	checkAll: checkBy(readKubernetesRegistry),
	unavailable: () => clientLibraryProblem(),
	// The files only; no server is asked, and no plug-in runs.
	inspect: (_, options) => loadKubeConfig(options).then(() => undefined, messageOf),
	create: (options) => new KubernetesProvider(options),
};
