import type { Target } from "../../model/target.js";
import type { ProviderKind } from "../provider-kind.js";
import { kubernetesOptions } from "./kubernetes-options.js";
import { KubernetesProvider } from "./kubernetes-provider.js";
import { readKubernetesTarget } from "./kubernetes-target.js";

/** The `kubernetes` provider, as the config can make instances of it. */
export const kubernetesKind: ProviderKind<typeof kubernetesOptions> = {
	type: "kubernetes",
	schemes: ["kubernetes", "k8s"],
	options: kubernetesOptions,
	check(target: Target): string | undefined {
		const read = readKubernetesTarget(target);
		return typeof read === "string" ? read : undefined;
	},
	create: (options) => new KubernetesProvider(options),
};
