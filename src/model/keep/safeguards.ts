/** What happens to a target's endpoints while its source fails. */
export interface OutagePolicy {
	/** Milliseconds since the last success that they stay as they were; Infinity: for ever. */
	readonly keep: number;
	/** What then becomes of them: they are left out, or used only while there are no others. */
	readonly after: "drop" | "degrade";
}

export const KEEP_FOR_EVER: OutagePolicy = { keep: Number.POSITIVE_INFINITY, after: "drop" };
export const DROP_AT_ONCE: OutagePolicy = { keep: 0, after: "drop" };

/** When endpoints that a source no longer has are held for a while. */
export interface GuardSettings {
	/** Percent of the ready endpoints that may go within 5 s; more than that is held. 0–100. */
	readonly maxRemovalPercent: number;
	/** Going from so many ready endpoints, or more, to fewer is held; 0: there is no such floor. */
	readonly minEndpoints: number;
	/** Milliseconds for which the source must say the same before it is believed. */
	readonly holdFor: number;
	/** Whether all is held where most services of a source would be emptied at once. */
	readonly registry: boolean;
}

export const DEFAULT_GUARD: GuardSettings = { maxRemovalPercent: 80, minEndpoints: 0, holdFor: 60_000, registry: true };

/** A guard as it is written: what is left out is as it is further out, in the end as in DEFAULT_GUARD. */
export type WrittenGuard = "off" | { readonly [K in keyof GuardSettings]?: GuardSettings[K] | undefined };

/** What is said of guard and outages in one place: for all, of a service, or of a target. */
export interface WrittenSafeguards {
	readonly guard?: WrittenGuard | undefined;
	readonly onFailure?: OutagePolicy | undefined;
}

/** What counts for a target. */
export interface Safeguards {
	/** Undefined where nothing is held. */
	readonly guard: GuardSettings | undefined;
	readonly onFailure: OutagePolicy;
}

/** @param written from the outermost place to the innermost, which counts most. Nothing is held where no place has a guard. */
export function safeguardsOf(...written: readonly (WrittenSafeguards | undefined)[]): Safeguards {
	let guard: GuardSettings | undefined;
	let onFailure = KEEP_FOR_EVER;
	for (const each of written) {
		if (each?.onFailure) onFailure = each.onFailure;
		if (each?.guard === "off") guard = undefined;
		else if (each?.guard) guard = withGiven(guard ?? DEFAULT_GUARD, each.guard);
	}
	return { guard, onFailure };
}

function withGiven(outer: GuardSettings, given: Exclude<WrittenGuard, "off">): GuardSettings {
	return {
		maxRemovalPercent: given.maxRemovalPercent ?? outer.maxRemovalPercent,
		minEndpoints: given.minEndpoints ?? outer.minEndpoints,
		holdFor: given.holdFor ?? outer.holdFor,
		registry: given.registry ?? outer.registry,
	};
}
