import { dnsKind } from "./dns/dns-kind.js";
import { FileProvider } from "./file/file-provider.js";
import { kubernetesKind } from "./kubernetes/kubernetes-kind.js";
import type { ProviderKind } from "./provider-kind.js";
import { Registry } from "./registry.js";
import { StaticProvider } from "./static/static-provider.js";

/** The kinds of providers that a config can have settings for. */
export const PROVIDER_KINDS: readonly ProviderKind[] = [dnsKind, kubernetesKind];

/**
 * A new registry with the providers that Fingerpost brings, with their default settings: `static`, `http`, `https`
 * (refused, with the reason), `file`, `dns`, `kubernetes` and `k8s`. None does anything until it is asked.
 */
export function builtinRegistry(): Registry {
	const fixed = new StaticProvider();
	const registry = new Registry()
		.register("static", fixed)
		.register("http", fixed)
		.register("https", fixed)
		.register("file", new FileProvider());
	for (const kind of PROVIDER_KINDS) {
		const provider = kind.create(kind.options.parse({}));
		for (const scheme of kind.schemes) registry.register(scheme, provider);
	}
	return registry;
}
