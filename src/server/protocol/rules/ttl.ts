import type { View } from "../../../resources/view.js";
import type { Mode } from "../../wire/mode.js";

/** What a client must announce in SotW: each has several names. */
const IN_SOTW = names("config.supports-resource-in-sotw", "config.resource-in-sotw");
const TTL = names("config.supports-resource-ttl");

/** What of a `Node` tells whether a client knows lifetimes. */
export interface CapableNode {
	readonly userAgentName: string;
	readonly clientFeatures: readonly string[];
}

/**
 * R26: whether a stream may get resources with a time to live. In SotW they come wrapped, so the
 * client has to announce that it takes them; in delta Envoy takes them without announcing it. gRPC
 * clients get none: they take no wrapped ones.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#ttl
 */
export function supportsTtl(node: CapableNode | undefined, mode: Mode, view: View): boolean {
	if (!node || view !== "envoy") return false;
	const announces = (feature: ReadonlySet<string>) => node.clientFeatures.some((each) => feature.has(each));
	return mode === "sotw" ? announces(IN_SOTW) && announces(TTL) : node.userAgentName === "envoy" || announces(TTL);
}

function names(...features: readonly string[]): ReadonlySet<string> {
	return new Set(features.flatMap((feature) => [`xds.${feature}`, `envoy.${feature}`]));
}
