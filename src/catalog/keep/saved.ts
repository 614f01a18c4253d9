import type { Endpoint } from "../../model/endpoint.js";
import { isAddress } from "../../model/endpoint-address.js";
import type { ServiceDefinition } from "../../model/service.js";
import type { Contribution } from "../merge.js";
import type { Pin } from "./pin.js";
import type { Hold } from "./removal-guard.js";

/** What is known of a target, for a later process. */
export interface SavedTarget {
	/** The target's text. */
	readonly target: string;
	/** What the source said last. */
	readonly endpoints: readonly Endpoint[];
	/** Whether that was complete. */
	readonly whole: boolean;
	readonly lastSuccess: Date;
	/** Since when the source fails; absent while it does not. */
	readonly staleSince?: Date;
	/** What of it is held. */
	readonly hold?: Hold;
}

/** A service for a later process. */
export interface SavedService {
	readonly name: string;
	readonly definition: ServiceDefinition;
	/** Since when it is being removed; absent while it is not. */
	readonly removedAt?: Date;
	/** Whether a registry had it, and not the config. */
	readonly found?: boolean;
	/** The target of the entry of `discover` which had it so. */
	readonly registry?: string | undefined;
	/** What it is pinned to; absent where it is not. */
	readonly pin?: Pin;
	/** Those that have answered, those of host names too. */
	readonly targets: readonly SavedTarget[];
}

export function savedByTarget({ targets }: SavedService): ReadonlyMap<string, SavedTarget> {
	return new Map(targets.map((each) => [each.target, each]));
}

/** What the service had of targets that it does not have any more: it stays until the present ones have answered. */
export function leftoversOf(
	{ definition: before, targets }: SavedService,
	definition: ServiceDefinition,
): Contribution[] {
	const present = new Set(definition.targets.map(({ target }) => target.text));
	return before.targets.flatMap(({ target, priority }) => {
		const saved = present.has(target.text) ? undefined : targets.find((each) => each.target === target.text);
		if (!saved) return [];
		return [{ target: target.text, priority, endpoints: saved.endpoints.filter(({ address }) => isAddress(address)) }];
	});
}
