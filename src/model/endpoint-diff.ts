import { atOnce, type Steps } from "../util/steps.js";
import { AddressMap } from "./address-map.js";
import { addressOf, compareEndpoints, type Endpoint, sameEndpoint } from "./endpoint.js";
import { differenceOf } from "./list-difference.js";
import { localityText } from "./locality.js";
import { metadataTexts, sameMetadata } from "./metadata.js";

/** Endpoints that are looked at in one step. */
const STEP = 1_024;

/** What happened to a list of endpoints; an endpoint is known by its address. */
export interface EndpointDiff {
	readonly added: readonly Endpoint[];
	readonly removed: readonly Endpoint[];
	/** As they are now. */
	readonly changed: readonly Endpoint[];
	/** As they were, in the same order. */
	readonly changedFrom: readonly Endpoint[];
}

/** Quick where both lists are in canonical order, each address once in each: then only what differs is looked up. */
export function diffEndpoints(before: readonly Endpoint[], after: readonly Endpoint[]): EndpointDiff {
	return atOnce(diffInSteps(before, after));
}

/** As diffEndpoints(), for many. */
export function* diffInSteps(before: readonly Endpoint[], after: readonly Endpoint[]): Steps<EndpointDiff> {
	const { start, endBefore, endAfter } = differenceOf(before, after);
	const { left, met } = yield* meet(before.slice(start, endBefore), after.slice(start, endAfter));
	const old = new AddressMap<Endpoint>();
	for (const [i, e] of left.entries()) {
		if (i % STEP === STEP - 1) yield;
		old.set(e, e);
	}
	const added: Endpoint[] = [];
	const changed: Endpoint[] = [];
	const changedFrom: Endpoint[] = [];
	for (const [i, [e, same]] of met.entries()) {
		if (i % STEP === STEP - 1) yield;
		// An endpoint of another priority or locality stands elsewhere in the list.
		const previous = same ?? old.get(e);
		if (!previous) added.push(e);
		else if (!sameEndpoint(previous, e)) {
			changed.push(e);
			changedFrom.push(previous);
		}
		if (!same) old.delete(e);
	}
	return { added, removed: left.filter((e) => old.has(e)), changed, changedFrom };
}

/** Goes through both lists at once. */
function* meet(
	before: readonly Endpoint[],
	after: readonly Endpoint[],
): Steps<{ left: Endpoint[]; met: [Endpoint, Endpoint | undefined][] }> {
	/** Of the old list, those that did not meet one of the same place in the new one. */
	const left: Endpoint[] = [];
	/** Of the new list, those that are not just the same as before, with the old one that they met. */
	const met: [Endpoint, Endpoint | undefined][] = [];
	let i = 0;
	for (const [at, e] of after.entries()) {
		if (at % STEP === STEP - 1) yield;
		let order = -1;
		for (; i < before.length; i++) {
			const b = before[i] as Endpoint;
			order = compareEndpoints(b, e);
			if (order >= 0) break;
			left.push(b);
		}
		const same = order === 0 ? before[i++] : undefined;
		if (same === undefined || !sameEndpoint(same, e)) met.push([e, same]);
	}
	for (; i < before.length; i++) left.push(before[i] as Endpoint);
	return { left, met };
}

/** What is different of an endpoint that stays: `127.0.0.1:8082 weight 50 -> 0, health healthy -> draining`. */
export function changeText(before: Endpoint, after: Endpoint): string {
	const parts = [
		part("health", before.health, after.health),
		part("weight", before.weight, after.weight),
		part("priority", before.priority, after.priority),
		part("locality", localityText(before.locality), localityText(after.locality)),
		part("hostname", before.hostname, after.hostname),
		metadataPart(before, after),
		part("additional addresses", addressesText(before), addressesText(after)),
		part("share of its target", shareText(before), shareText(after)),
	];
	return `${addressOf(after)} ${parts.filter((each) => each !== undefined).join(", ")}`;
}

/** A text for each changed endpoint, in their order. */
export function changeTexts({ changed, changedFrom }: Pick<EndpointDiff, "changed" | "changedFrom">): string[] {
	return changed.map((after, i) => changeText(changedFrom[i] as Endpoint, after));
}

function part(name: string, before: unknown, after: unknown): string | undefined {
	return before === after
		? undefined
		: `${name} ${before || before === 0 ? before : "-"} -> ${after || after === 0 ? after : "-"}`;
}

function addressesText({ additionalAddresses = [] }: Endpoint): string {
	return additionalAddresses.map(addressOf).join(",");
}

function shareText({ targetShare }: Endpoint): string | undefined {
	return targetShare && `${Number((100 * targetShare.part).toFixed(2))} %`;
}

function metadataPart({ metadata: a = {} }: Endpoint, { metadata: b = {} }: Endpoint): string | undefined {
	const [before, after] = [metadataTexts(a), metadataTexts(b)].map((texts) => texts.join(","));
	// A number and its text read the same.
	if (before !== after || sameMetadata(a, b)) return part("metadata", before, after);
	return part("metadata", JSON.stringify(a), JSON.stringify(b));
}
