import { compareText, type Endpoint } from "../../model/endpoint.js";
import { SourceFailed } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import type { Slice, SliceEndpoint } from "./api/endpoint-slice.js";
import type { KubernetesTarget } from "./kubernetes-target.js";
import type { PodDetails } from "./pods/pod-details.js";
import { onePerPod, type PodEndpoint } from "./pods/pod-families.js";
import { bestOf } from "./pods-of-address.js";
import { type KnownOffers, type Offer, offersOf, type SliceRules } from "./slice-offers.js";
import { choosePorts } from "./slice-ports.js";

/** The endpoints of a target, or why there are none. */
export type SliceAnswer =
	| { readonly endpoints: readonly Endpoint[]; readonly notes: readonly string[]; readonly failure?: undefined }
	| { readonly failure: SourceFailed };

/** At most so many endpoints that are not ready are listed one by one. */
const MOST_NOTES = 50;

/**
 * Merges a service's slices into the endpoints of a target.
 * @param known what this target's slices offered before, by these rules; it learns of new ones. Then
 *   only those cost much.
 * @param pods what pods say beside; nothing unless given.
 */
export function endpointsOfSlices(
	slices: readonly Slice[],
	target: KubernetesTarget,
	rules: SliceRules,
	known: KnownOffers = new WeakMap(),
	pods?: PodDetails,
): SliceAnswer {
	const { selects, namespace, service } = target;
	if (slices.length === 0) return { endpoints: [], notes: [noSlice(target)] };
	const selected = slices.filter(({ labels }) => selects?.(labels) ?? true).sort((a, b) => compareText(a.name, b.name));
	const usable = selected.filter(isUsable);
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
	const byAddress = new Map<string, Offer>();
	/** The addresses that several offers have: most have one. */
	const shared = new Map<string, Offer[]>();
	const left: string[] = [];
	for (const slice of ofFamily(withPort, rules)) {
		const own = offersOf(slice, chosen.ports.get(slice) as number, { target, rules, known });
		for (const offer of own.offers) {
			const { key } = offer;
			const first = byAddress.get(key);
			const others = shared.get(key);
			if (!first) byAddress.set(key, offer);
			else if (others) others.push(offer);
			else shared.set(key, [first, offer]);
		}
		left.push(...own.left);
	}
	const found: PodEndpoint[] = [];
	const wrong: string[] = [];
	for (const [key, first] of byAddress) {
		const all = shared.get(key);
		const { endpoint, each } = all ? bestOf(all) : first;
		if (endpoint) found.push({ endpoint: pods?.of(endpoint, each) ?? endpoint, podId: each.podId });
		const problem = endpoint && pods?.problemOf(each);
		if (problem !== undefined) wrong.push(problem);
		if (!endpoint) left.push(`${key}${podText(each)} is left out: it is ${unreadyText(each)}`);
	}
	left.sort(compareText);
	notes.push(...left.slice(0, MOST_NOTES));
	notes.push(...wrong.sort(compareText).slice(0, MOST_NOTES), ...(pods?.note === undefined ? [] : [pods.note]));
	if (left.length > MOST_NOTES) notes.push(`${left.length - MOST_NOTES} more endpoints are left out`);
	const endpoints = rules.addressFamily === "both" ? onePerPod(found) : found.map(({ endpoint }) => endpoint);
	return { endpoints, notes };
}

/** Makes the offers of a slice known. Those of the family that is not preferred may never be needed. */
export function prepareSlice(slice: Slice, target: KubernetesTarget, rules: SliceRules, known: KnownOffers): void {
	const { addressType, labels } = slice;
	const isWanted = rules.addressFamily === "both" ? isUsable(slice) : addressType === familyOf(rules.addressFamily);
	if (!isWanted || target.selects?.(labels) === false) return;
	const chosen = choosePorts([slice], target.port);
	const port = chosen.choices ? undefined : chosen.ports.get(slice);
	if (port !== undefined) offersOf(slice, port, { target, rules, known });
}

function familyOf(addressFamily: "prefer-ipv4" | "prefer-ipv6"): string {
	return addressFamily === "prefer-ipv4" ? "IPv4" : "IPv6";
}

function isUsable({ addressType }: Slice): boolean {
	return addressType === "IPv4" || addressType === "IPv6";
}

/** At most so many services of a namespace are searched for the one that was meant. */
const MOST_COMPARED = 1_000;

/**
 * A Service that does not exist and one without pods and selector look the same.
 * @param others the services of the namespace that have a slice, where they are known.
 */
export function noSlice({ namespace, service }: KubernetesTarget, others?: Iterable<string>): string {
	const missing = `there is no EndpointSlice of a service "${service}" in the namespace "${namespace}"`;
	if (!others) return missing;
	const names = [...others].slice(0, MOST_COMPARED);
	if (names.length === 0) return `${missing}, nor of any other: is there such a namespace?`;
	return `${missing}${didYouMean(service, names)}`;
}

/**
 * The slices of the preferred family, or of the other if the preferred has no endpoint, ready or
 * not.
 */
function ofFamily(slices: readonly Slice[], { addressFamily }: SliceRules): Slice[] {
	if (addressFamily === "both") return [...slices];
	const wanted = familyOf(addressFamily);
	const preferred = slices.filter(({ addressType }) => addressType === wanted);
	return preferred.some(({ endpoints }) => endpoints.length > 0) ? preferred : [...slices];
}

function podText({ pod }: SliceEndpoint): string {
	return pod === undefined ? "" : ` (${pod})`;
}

function unreadyText({ terminating }: SliceEndpoint): string {
	return terminating ? "terminating and no longer serving" : "not ready";
}
