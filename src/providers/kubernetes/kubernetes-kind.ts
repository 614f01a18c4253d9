import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { clientLibraryProblem } from "./access/client-library.js";
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
	create: (options) => new KubernetesProvider(options),
};
