import { isIPv4, isIPv6 } from "node:net";
import { addressOf, compareText, type Endpoint, endpoint } from "../../model/endpoint.js";
import { canonicalAddress } from "../../model/endpoint-address.js";
import { SourceFailed } from "../../util/errors.js";
import type { Slice, SliceEndpoint } from "./api/endpoint-slice.js";
import type { KubernetesOptions } from "./kubernetes-options.js";
import type { KubernetesTarget } from "./kubernetes-target.js";
import { bestOf, type Said } from "./pods-of-address.js";
import { choosePorts } from "./slice-ports.js";

/** The endpoints of a target, or why there are none. */
export type SliceAnswer =
	| { readonly endpoints: readonly Endpoint[]; readonly notes: readonly string[]; readonly failure?: undefined }
	| { readonly failure: SourceFailed };

export type SliceRules = Pick<KubernetesOptions, "addressFamily" | "notReady" | "region">;

/** At most so many endpoints that are not ready are listed one by one. */
const MOST_NOTES = 50;

/** Merges a service's slices into the endpoints of a target. */
export function endpointsOfSlices(slices: readonly Slice[], target: KubernetesTarget, rules: SliceRules): SliceAnswer {
	const { selects, namespace, service } = target;
	if (slices.length === 0) return { endpoints: [], notes: [noSlice(namespace, service)] };
	const selected = slices.filter(({ labels }) => selects?.(labels) ?? true).sort((a, b) => compareText(a.name, b.name));
	const usable = selected.filter(({ addressType }) => addressType === "IPv4" || addressType === "IPv6");
	const notes = selected
		.filter((slice) => !usable.includes(slice))
		.map(
			({ name, addressType }) => `${name} is left out: its addresses are of the type ${addressType}, not IP addresses`,
		);
	const chosen = choosePorts(usable, target.port);
	if (chosen.choices) {
		return {
			failure: new SourceFailed(
				`${namespace}/${service} has several ports: ${chosen.choices.join(", ")}; name one in the target: ${target.text.replace(/\?.*/s, "")}:PORT`,
			),
		};
	}
	notes.push(...chosen.notes);
	const withPort = usable.filter((slice) => chosen.ports.has(slice));
	const said = new Map<string, Said[]>();
	const left: string[] = [];
	for (const slice of ofFamily(withPort, rules)) {
		const port = chosen.ports.get(slice) as number;
		for (const each of slice.endpoints) {
			if (!(slice.addressType === "IPv4" ? isIPv4(each.address) : isIPv6(each.address))) {
				left.push(`${each.address} of ${slice.name} is left out: it is no ${slice.addressType} address`);
				continue;
			}
			const address = canonicalAddress(each.address);
			const key = addressOf({ address, port });
			const one = { slice, each, address, port };
			const others = said.get(key);
			if (others) others.push(one);
			else said.set(key, [one]);
		}
	}
	const found: Endpoint[] = [];
	for (const [key, all] of said) {
		const best = bestOf(all);
		const health = healthOf(best.each, rules);
		if (health !== undefined) found.push(convert({ ...best, health }, target, rules));
		else left.push(`${key}${podText(best.each)} is left out: it is ${unreadyText(best.each)}`);
	}
	left.sort(compareText);
	notes.push(...left.slice(0, MOST_NOTES));
	if (left.length > MOST_NOTES) notes.push(`${left.length - MOST_NOTES} more endpoints are left out`);
	return { endpoints: found, notes };
}

/** A Service that does not exist and one without pods and selector look the same. */
export function noSlice(namespace: string, service: string): string {
	return `there is no EndpointSlice of a service "${service}" in the namespace "${namespace}"`;
}

/**
 * The slices of the preferred family, or of the other if the preferred has no endpoint, ready or
 * not.
 */
function ofFamily(slices: readonly Slice[], { addressFamily }: SliceRules): Slice[] {
	if (addressFamily === "both") return [...slices];
	const wanted = addressFamily === "prefer-ipv4" ? "IPv4" : "IPv6";
	const preferred = slices.filter(({ addressType }) => addressType === wanted);
	return preferred.some(({ endpoints }) => endpoints.length > 0) ? preferred : [...slices];
}

function healthOf({ ready, serving, terminating }: SliceEndpoint, { notReady }: SliceRules) {
	if (ready) return "healthy";
	if (serving && terminating) return "draining";
	return notReady === "unhealthy" ? "unhealthy" : undefined;
}

function podText({ pod }: SliceEndpoint): string {
	return pod === undefined ? "" : ` (${pod})`;
}

function unreadyText({ terminating }: SliceEndpoint): string {
	return terminating ? "terminating and no longer serving" : "not ready";
}

interface Found extends Said {
	readonly health: Endpoint["health"];
}

function convert({ slice, each, ...parts }: Found, target: KubernetesTarget, { region = "" }: SliceRules): Endpoint {
	const { hostname, node, zone = "", zoneHints } = each;
	const metadata = {
		...(node === undefined ? {} : { node }),
		...(zoneHints.length === 0 ? {} : { zoneHints: zoneHints.join(",") }),
	};
	return endpoint({
		...parts,
		locality: { region, zone, subZone: "" },
		...(hostname === undefined ? {} : { hostname }),
		...(Object.keys(metadata).length === 0 ? {} : { metadata }),
		origin: {
			target: target.text,
			object: `${target.namespace}/${slice.name}`,
			revision: slice.revision,
			at: slice.changedAt ?? slice.seenAt,
		},
	});
}
