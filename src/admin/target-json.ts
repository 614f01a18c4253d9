import type { KeptStatus } from "../catalog/keep/kept-status.js";
import { AddressMap } from "../model/address-map.js";

/** Of a target, and of a whole registry. */
export interface SourceJson {
	readonly target: string;
	readonly state: KeptStatus["state"];
	readonly lastSuccess: string | null;
	/** The newest failure's text; it stays after the source has recovered. */
	readonly lastError: string | null;
	readonly lastErrorAt: string | null;
	/** Since when the endpoints in use are no longer confirmed. */
	readonly staleSince: string | null;
}

export interface TargetJson extends SourceJson {
	/** The same in seconds; 0 while they are confirmed. */
	readonly staleSeconds: number;
	/** How many endpoints the source had in its last answer: 0 is its own word. Null before one. */
	readonly answered: number | null;
	/** What became of the endpoints, because the source has failed for so long. */
	readonly outage: "degraded" | "dropped" | null;
	/** From before the last start of Fingerpost, and not confirmed since. */
	readonly restored: boolean;
	/** What the source does not have any more, and stays for a while. */
	readonly held: HeldJson | null;
}

export interface HeldJson {
	readonly count: number;
	/** How many endpoints there were before. */
	readonly of: number;
	readonly since: string;
	/** When they go if the source says the same until then; null while it does not answer. */
	readonly until: string | null;
	readonly why: "target" | "registry" | "waiting";
}

export function sourceJson(status: Omit<KeptStatus, "changes">): SourceJson {
	const { target, state, lastSuccess, lastError, staleSince } = status;
	return {
		target,
		state,
		lastSuccess: dateJson(lastSuccess),
		lastError: lastError?.message ?? null,
		lastErrorAt: dateJson(lastError?.at),
		staleSince: dateJson(staleSince),
	};
}

export function targetJson(status: KeptStatus): TargetJson {
	const { staleSince, endpoints, outage, restored, held } = status;
	return {
		...sourceJson(status),
		staleSeconds: staleSince ? Math.max(0, Date.now() - staleSince.getTime()) / 1_000 : 0,
		answered: endpoints ?? null,
		outage: outage ?? null,
		restored: restored ?? false,
		held: held
			? {
					count: held.endpoints.length,
					of: held.before,
					since: held.since.toISOString(),
					until: dateJson(held.until),
					why: held.why,
				}
			: null,
	};
}

/** How many endpoints are held of all targets. */
export function heldCount(targets: readonly KeptStatus[]): number {
	return targets.reduce((sum, { held }) => sum + (held?.endpoints.length ?? 0), 0);
}

export function heldAddresses(targets: readonly KeptStatus[]): AddressMap<true> {
	const addresses = new AddressMap<true>();
	for (const { held } of targets) for (const e of held?.endpoints ?? []) addresses.set(e, true);
	return addresses;
}

function dateJson(date: Date | undefined): string | null {
	return date?.toISOString() ?? null;
}
