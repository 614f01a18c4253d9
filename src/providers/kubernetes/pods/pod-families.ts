import { isIPv4 } from "node:net";
import type { Endpoint } from "../../../model/endpoint.js";

/** An endpoint, and the pod that it is of, if the slice says so. */
export interface PodEndpoint {
	readonly endpoint: Endpoint;
	readonly podId: string | undefined;
}

/**
 * Makes one endpoint of the two that a pod has in slices of both families: the IPv4 one, with the other's address as an
 * additional one.
 */
export function onePerPod(all: readonly PodEndpoint[]): readonly Endpoint[] {
	const second = new Map<string, Endpoint>();
	for (const { endpoint, podId } of all) {
		if (podId !== undefined && !isIPv4(endpoint.address)) second.set(keyOf(podId, endpoint), endpoint);
	}
	const joined = new Set<Endpoint>();
	const endpoints = all.map(({ endpoint, podId }) => {
		if (podId === undefined || !isIPv4(endpoint.address)) return endpoint;
		const other = second.get(keyOf(podId, endpoint));
		// A pod has one address of a family; of any other the first one takes it.
		if (!other || joined.has(other)) return endpoint;
		joined.add(other);
		return { ...endpoint, additionalAddresses: [{ address: other.address, port: other.port }] };
	});
	return endpoints.filter((e) => !joined.has(e));
}

function keyOf(podId: string, { port }: Endpoint): string {
	return `${podId} ${port}`;
}
