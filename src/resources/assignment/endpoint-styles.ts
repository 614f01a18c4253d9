import type { Endpoint, OtherAddress } from "../../model/endpoint.js";
import { isAddress, parseEndpointAddress } from "../../model/endpoint-address.js";
import type { HashKey, HttpProxy, Policies } from "../../model/policies/policies.js";
import { familyOfView, knowsProxies, type View } from "../view.js";
import type { EndpointStyle } from "./encode/encode-assignment.js";

/** In the metadata of an endpoint: what decides its place in a ring or table in place of its address. */
export const HASH_KEY = "hash_key";

/** What clients of the view learn of the service's endpoints, with what its policies say of them. */
export function styleWith(
	style: EndpointStyle,
	view: View,
	name: string,
	endpoints: readonly Endpoint[],
	policies: Policies = {},
): EndpointStyle {
	const { hostRewrite, proxy, loadBalancing: { hashKey } = {} } = policies;
	const proxyOf = proxy && knowsProxies(view) ? proxyBy(proxy) : undefined;
	const keyOf = hashKey && keysBy(hashKey, endpoints);
	if (!hostRewrite && !proxyOf && !keyOf) return style;
	return {
		...style,
		...(hostRewrite && familyOfView(view) === "grpc" && { hostname: usualAuthority(name) }),
		...(keyOf && { metadata: (e) => withKey(style.metadata(e), keyOf(e)) }),
		...(proxyOf && { proxy: proxyOf }),
	};
}

/** Whether what is said of an endpoint depends on the others, so that none of it can be copied. */
export function dependsOnOthers(policies: Policies | undefined): boolean {
	return policies?.loadBalancing?.hashKey !== undefined;
}

/**
 * Where hosts are rewritten, grpc-java 1.85 sends calls to an endpoint without a hostname with an empty authority, which
 * fails them. This is the authority that they would have.
 */
function usualAuthority(name: string): string {
	return name.replaceAll("/", "%2F");
}

/** Of endpoints with the same key one would get the traffic of all: they have their addresses' places. */
function keysBy(hashKey: HashKey, endpoints: readonly Endpoint[]): (e: Endpoint) => string | undefined {
	const keyOf = ({ hostname, metadata }: Endpoint) => {
		const key = hashKey === "hostname" ? hostname : metadata?.[hashKey.metadata];
		return typeof key === "string" && key !== "" ? key : undefined;
	};
	const counts = new Map<string, number>();
	for (const e of endpoints) {
		const key = keyOf(e);
		if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	return (e) => {
		const key = keyOf(e);
		return key !== undefined && counts.get(key) === 1 ? key : undefined;
	};
}

function withKey(metadata: Endpoint["metadata"], key: string | undefined): Endpoint["metadata"] {
	return key === undefined ? metadata : { ...metadata, [HASH_KEY]: key };
}

function proxyBy(proxy: HttpProxy): EndpointStyle["proxy"] {
	if (proxy === "off") return undefined;
	if ("address" in proxy) return () => proxy;
	const known = new Map<unknown, OtherAddress | undefined>();
	return ({ metadata }) => {
		const written = metadata?.[proxy.metadata];
		if (!known.has(written)) known.set(written, addressIn(written));
		return known.get(written);
	};
}

function addressIn(written: unknown): OtherAddress | undefined {
	const parsed = parseEndpointAddress(typeof written === "string" ? written : "");
	return parsed.problem === undefined && isAddress(parsed.address) ? parsed : undefined;
}
