import type { ResourceSet } from "../../../cache/resource-set.js";
import { isGone } from "./awaited.js";

/** What a version that a client brings along is worth. */
export type BroughtVersion = "current" | "outdated" | "gone";

/**
 * R30: `initial_resource_versions` of a first request. Equal versions are not sent again, others
 * are, and names that are gone go into `removed_resources`. What is awaited is not gone (R19): it
 * counts as outdated until it is known.
 */
export function broughtVersion(set: ResourceSet, name: string, version: string): BroughtVersion {
	// Almost all of what a client comes back with.
	if (set.has(name, version)) return "current";
	return isGone(set, name) ? "gone" : "outdated";
}
