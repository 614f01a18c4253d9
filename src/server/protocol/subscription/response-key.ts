import type { Draft } from "../../../cache/memo/draft.js";
import type { ResponseKey } from "../../../cache/memo/encoded-responses.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { Mode } from "../../wire/mode.js";

const NONE = [] as const;

/** Equal exactly for drafts of the same content, as long as the resource set does not change. */
export function responseKey(mode: Mode, set: ResourceSet, draft: Draft, ttl: number): ResponseKey {
	const { resources, removed, absent = NONE, heartbeats = NONE, version } = draft;
	if (draft.key && ttl === 0) return draft.key;
	const [resource] = resources;
	const alone = resource && resources.length === 1 && removed.length + absent.length + heartbeats.length === 0;
	// Almost every push. A placeholder is made anew for each stream, so it cannot be the key.
	if (alone && ttl === 0 && !(mode === "sotw" && set.type.complete) && set.get(resource.name) === resource)
		return resource;
	// The version of a complete set is a hash of all resources in it.
	if (mode === "sotw" && set.type.complete) return `${ttl} ${version}-${joined(absent)}`;
	const beats = joined(heartbeats.flatMap(({ name, version }) => [name, version]));
	return `${ttl} ${joined(resources.map(({ name }) => name))}-${joined(removed)}-${joined(absent)}-${beats}`;
}

/** Clients choose the names, so a separator could be part of one: lengths keep them apart. */
function joined(names: readonly string[]): string {
	return names.map((name) => `${name.length}:${name}`).join("");
}
