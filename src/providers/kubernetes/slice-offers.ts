import { isIPv4, isIPv6 } from "node:net";
import { addressOf, type Endpoint, endpoint } from "../../model/endpoint.js";
import { canonicalAddress } from "../../model/endpoint-address.js";
import type { Slice, SliceEndpoint } from "./api/endpoint-slice.js";
import type { KubernetesOptions } from "./kubernetes-options.js";
import type { KubernetesTarget } from "./kubernetes-target.js";
import type { Said } from "./pods-of-address.js";

export type SliceRules = Pick<KubernetesOptions, "addressFamily" | "notReady" | "region">;

/** What a slice says of one address, and the target's endpoint if that counts. */
export interface Offer extends Said {
	/** The address and port as text. */
	readonly key: string;
	/** Undefined if it is left out, being not ready. */
	readonly endpoint: Endpoint | undefined;
}

/** What one slice offers to a target, whatever the other slices say. */
export interface SliceOffers {
	readonly port: number;
	readonly offers: readonly Offer[];
	/** Addresses that are none of the slice's type, and so left out, in a sentence each. */
	readonly left: readonly string[];
}

/** The offers of a target's slices that were made before: slices never change. */
export type KnownOffers = WeakMap<Slice, SliceOffers>;

export interface OffersContext {
	readonly target: KubernetesTarget;
	readonly rules: SliceRules;
	readonly known: KnownOffers;
}

/** What the slice offers at the port: known, or made and known from now on. */
export function offersOf(slice: Slice, port: number, { target, rules, known }: OffersContext): SliceOffers {
	const before = known.get(slice);
	if (before?.port === port) return before;
	const made = makeOffers(slice, port, target, rules);
	known.set(slice, made);
	return made;
}

function makeOffers(slice: Slice, port: number, target: KubernetesTarget, rules: SliceRules): SliceOffers {
	const isOfType = slice.addressType === "IPv4" ? isIPv4 : isIPv6;
	const offers: Offer[] = [];
	const left: string[] = [];
	for (const each of slice.endpoints) {
		if (isOfType(each.address)) {
			const address = canonicalAddress(each.address);
			const said = { slice, each, address, port };
			offers.push({ ...said, key: addressOf(said), endpoint: endpointOf(said, target, rules) });
		} else left.push(`${each.address} of ${slice.name} is left out: it is not an ${slice.addressType} address`);
	}
	return { port, offers, left };
}

function endpointOf(said: Said, target: KubernetesTarget, { notReady, region = "" }: SliceRules): Endpoint | undefined {
	const { slice, each, address, port } = said;
	const health = healthOf(each, notReady);
	if (health === undefined) return undefined;
	const { hostname, node, zone = "", zoneHints } = each;
	const metadata = {
		...(node === undefined ? {} : { node }),
		...(zoneHints.length === 0 ? {} : { zoneHints: zoneHints.join(",") }),
	};
	return endpoint({
		address,
		port,
		health,
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

function healthOf({ ready, serving, terminating }: SliceEndpoint, notReady: SliceRules["notReady"]) {
	if (ready) return "healthy";
	if (serving && terminating) return "draining";
	return notReady === "unhealthy" ? "unhealthy" : undefined;
}
