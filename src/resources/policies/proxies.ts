import { type Policies, samePolicies } from "../../model/policies/policies.js";
import type { ServiceDefinition } from "../../model/service.js";
import { effectiveTls } from "../../model/traffic/upstream-tls.js";
import { familyOfView, type View } from "../view.js";

export function hasProxy({ policies }: ServiceDefinition): boolean {
	return policies?.proxy !== undefined && policies.proxy !== "off";
}

/** In clear an Envoy 1.36 gets no answer by a proxy: there it takes one only where an overlay says so. */
export function envoyTakesProxy(service: ServiceDefinition): boolean {
	const socket = service.policies?.envoy?.cluster?.transportSocket as Socket | null | undefined;
	if (socket === undefined) return effectiveTls(service) !== undefined;
	return socket?.typedConfig?.["@type"]?.endsWith(".Http11ProxyUpstreamTransport") ?? false;
}

interface Socket {
	readonly typedConfig?: { readonly "@type"?: string };
}

/** What of the policies is of the endpoints. An Envoy connects to the proxy of an endpoint even where it asks for no tunnel. */
export function endpointPolicies(service: ServiceDefinition, view: View): Policies | undefined {
	const { policies } = service;
	const isInVain = hasProxy(service) && familyOfView(view) === "envoy" && !envoyTakesProxy(service);
	return isInVain ? { ...policies, proxy: undefined } : policies;
}

/** Whether these are the same for both, in each view. */
export function sameEndpointPolicies(a: ServiceDefinition, b: ServiceDefinition): boolean {
	return samePolicies(a, b) && (!hasProxy(a) || envoyTakesProxy(a) === envoyTakesProxy(b));
}
