import { AddressMap } from "../../model/address-map.js";
import { addressOf, type Endpoint } from "../../model/endpoint.js";
import type { ServiceTarget } from "../../model/service.js";
import type { KeptStatus } from "../keep/kept-status.js";
import type { ServiceState } from "../service-state.js";
import { type LeftOut, leftOutOf } from "./left-out.js";

/** Says of an endpoint of the service which rule made it what it is, or keeps it; undefined where it is as the source says. */
export type RuleOf = (e: Endpoint) => string | undefined;

/** An endpoint that the service does not have, or something else of a source that is none. */
export interface Dropped extends LeftOut {
	/** Undefined where it is not known which target it is of. */
	readonly target: string | undefined;
}

/** How the repairs end that tell of gaps in the priorities. */
const GAPS_CLOSED = "the lower priorities move up";

/** Which rules mended, held or kept what a service serves. Made for who asks: it costs a look at each target. */
export function rulesOf({ definition, targets, state, pin, repairs }: ServiceState): RuleOf {
	const held = new AddressMap<KeptStatus>();
	const statuses = new Map<string, KeptStatus>();
	for (const status of targets) {
		statuses.set(status.target, status);
		for (const e of status.held?.endpoints ?? []) held.set(e, status);
	}
	const areGapsClosed = repairs.some((repair) => repair.endsWith(GAPS_CLOSED));
	const settings = new Map(definition.targets.map((each) => [each.target.text, each]));
	return (e) => {
		const rules: string[] = [];
		if (pin) rules.push(`pinned to version ${pin.version} until ${pin.until.toISOString()}`);
		if (state === "removing") rules.push("kept for removalGrace: the service is removed");
		const holding = held.get(e);
		if (holding) rules.push(heldText(holding));
		const { target } = e.origin ?? {};
		const status = target === undefined ? undefined : statuses.get(target);
		if (status) rules.push(...keptTexts(status));
		else if (target !== undefined && !pin && targets.length > 0) {
			rules.push("kept: its target was replaced, and another one has not answered yet");
		}
		const own = target === undefined ? undefined : settings.get(target);
		if (own) rules.push(...settingTexts(own));
		if (own && areGapsClosed && own.priority > e.priority) {
			rules.push(`priority ${own.priority} -> ${e.priority}: gaps are closed`);
		}
		return rules.length === 0 ? undefined : rules.join("; ");
	};
}

/** What the service's sources have or had, and is not served. */
export function droppedOf({ targets, notes }: ServiceState): readonly Dropped[] {
	const dropped: Dropped[] = [];
	for (const { target, dropped: gone = [], staleSince } of targets) {
		const reason = `onFailure: the source has not answered since ${staleSince?.toISOString()}`;
		for (const e of gone) dropped.push({ address: addressOf(e), object: e.origin?.object, target, reason });
	}
	for (const note of notes) {
		const left = leftOutOf(note);
		const target = targets.find((each) => note.includes(` in ${each.target} `))?.target;
		// That a target's endpoints are left out is told one by one above.
		if (left && !targets.some((each) => note.startsWith(`${each.target} has not answered`)))
			dropped.push({ ...left, target });
	}
	return dropped;
}

function heldText({ held, lastSuccess }: KeptStatus): string {
	const { endpoints = [], before = 0, until } = held ?? {};
	const what = `held: the source does not have it any more (${endpoints.length} of ${before} would have gone at once)`;
	return until ? `${what}, until ${until.toISOString()}` : `${what}; it last answered at ${lastSuccess?.toISOString()}`;
}

function keptTexts({ outage, restored, state, staleSince }: KeptStatus): readonly string[] {
	const since = staleSince?.toISOString();
	if (outage === "degraded") return [`degraded by onFailure: the source has not answered since ${since}`];
	if (restored) return [`kept from before the start: the source has not answered since ${since}`];
	if (state === "stale") return [`kept: the source has not answered since ${since}`];
	return [];
}

function settingTexts({ health, locality, metadata, weight }: ServiceTarget): readonly string[] {
	const said = Object.entries({ health, locality, metadata, weight })
		.filter(([, value]) => value !== undefined)
		.map(([key]) => key);
	return said.length === 0 ? [] : [`${said.join(", ")} as the config says of the target`];
}
