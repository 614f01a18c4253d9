import { expect } from "vitest";
import { mergeEndpoints } from "../../src/catalog/merge.js";
import { addressOf, type Endpoint, endpoint } from "../../src/model/endpoint.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { encodeService } from "../../src/resources/encode-service.js";
import { resourceType } from "../../src/resources/resource-types.js";
import type { View } from "../../src/resources/view.js";
import { type DecodedLocality, decodeService } from "./decode.js";

const web: ServiceDefinition = { name: "web", protocol: "http1", connectTimeout: 5_000, targets: [] };
export const MAX_UINT32 = 2 ** 32 - 1;
/** As the catalog gives them. */
export function canonical(list: readonly Endpoint[]): readonly Endpoint[] {
	return mergeEndpoints([{ target: "t", priority: 0, endpoints: list }]).endpoints;
}

export function encode(view: View, list: readonly Endpoint[]) {
	return encodeService(resourceType("eds"), view, web, canonical(list));
}

export function localities(view: View, list: readonly Endpoint[]): readonly DecodedLocality[] {
	const decoded = decodeService("eds", view, web, canonical(list));
	expect(decoded.cluster_name).toBe("web");
	return (decoded.endpoints ?? []) as readonly DecodedLocality[];
}

export function keyOf({ locality }: DecodedLocality): string {
	return JSON.stringify([locality?.region ?? "", locality?.zone ?? "", locality?.sub_zone ?? ""]);
}

export function addressesOf(locality: DecodedLocality): string[] {
	return locality.lb_endpoints.map(({ endpoint: { address } }) =>
		addressOf({ address: address.socket_address.address, port: address.socket_address.port_value }),
	);
}

export function weightOf({ load_balancing_weight }: Pick<DecodedLocality, "load_balancing_weight">): number {
	return load_balancing_weight?.value ?? 0;
}

/** What R40 asks of every assignment. */
export function checkAcceptable(list: readonly DecodedLocality[]): void {
	const priorities = [...new Set(list.map(({ priority = 0 }) => priority))];
	expect(priorities).toEqual(priorities.map((_, i) => i));
	expect(priorities.length).toBeLessThanOrEqual(129);
	for (const priority of priorities) {
		const within = list.filter((locality) => (locality.priority ?? 0) === priority);
		expect(new Set(within.map(keyOf)).size).toBe(within.length);
		expect(within.reduce((sum, locality) => sum + weightOf(locality), 0)).toBeLessThanOrEqual(MAX_UINT32);
	}
	const addresses = list.flatMap(addressesOf);
	expect(new Set(addresses).size).toBe(addresses.length);
	for (const locality of list) {
		expect(locality.locality).toBeDefined();
		expect(weightOf(locality)).toBeGreaterThanOrEqual(1);
		expect(locality.lb_endpoints.length).toBeGreaterThan(0);
		for (const each of locality.lb_endpoints) expect(weightOf(each)).toBeGreaterThanOrEqual(1);
	}
}

export function at(n: number, parts: Partial<Endpoint> = {}): Endpoint {
	return endpoint({ address: `10.0.${n >> 8}.${n & 255}`, port: 80, health: "healthy", ...parts });
}

export const eu = { region: "eu", zone: "a", subZone: "" };
