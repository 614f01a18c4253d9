import type { LoadBalancingPolicy } from "../../gen/envoy/config/cluster/v3/cluster.js";

/** An entry of a list of policies, from which a client takes the first that it knows. */
export type ConfiguredPolicy = LoadBalancingPolicy["policies"][number];

const TYPES = "type.googleapis.com/envoy.extensions.load_balancing_policies";

export function policyName(name: string): string {
	return `envoy.load_balancing_policies.${name}`;
}

/** @param message its name, as `RoundRobin`. */
export function policyType(name: string, message: string): string {
	return `${TYPES}.${name}.v3.${message}`;
}

/** @param value the encoded message. */
export function configuredPolicy(name: string, message: string, value: Uint8Array): ConfiguredPolicy {
	return {
		typedExtensionConfig: { name: policyName(name), typedConfig: { typeUrl: policyType(name, message), value } },
	};
}
