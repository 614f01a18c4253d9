import type { ResponseKey } from "../../cache/memo/shared-responses.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import { RESOURCE_ERRORS, RESPONSE } from "../../resources/discovery-fields.js";
import { type Field, joinFields } from "../../resources/join-fields.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { Draft } from "./draft.js";
import { frameOf } from "./message-frame.js";
import { resourceError } from "./resource-errors.js";
import { entryWithTtl, heartbeatEntry } from "./ttl.js";

export type Mode = "sotw" | "delta";

const NONE = [] as const;

/**
 * Puts the frame of a response together from resources that are encoded already.
 * @param ttl milliseconds that they are to live (R26); 0 is for ever.
 */
export function encodeResponse(mode: Mode, type: ResourceType, draft: Draft, nonce: string, ttl = 0): Buffer {
	const head: Field[] = [];
	if (draft.version !== "") head.push([RESPONSE.version, draft.version]);
	const tail: Field[] = [
		[RESPONSE.typeUrl, type.url],
		[RESPONSE.nonce, nonce],
	];
	for (const name of draft.removed) tail.push([RESPONSE.removed, name]);
	for (const name of draft.absent ?? []) tail.push([RESOURCE_ERRORS[mode], resourceError(name)]);
	const resources = draft.resources.map((each) => (ttl > 0 ? entryWithTtl(mode, each, ttl) : each[mode]));
	const heartbeats = (draft.heartbeats ?? []).map(({ name, version }) => heartbeatEntry(name, version, ttl));
	return frameOf([joinFields(head), ...resources, ...heartbeats, joinFields(tail)]);
}

/** What is equal exactly for drafts of the same content, as long as the resource set does not change. */
export function draftKey(mode: Mode, set: ResourceSet, draft: Draft, ttl: number): ResponseKey {
	const { resources, removed, absent = NONE, heartbeats = NONE, version } = draft;
	if (draft.key && ttl === 0) return draft.key;
	const [resource] = resources;
	const alone = resource && resources.length === 1 && removed.length + absent.length + heartbeats.length === 0;
	// Almost every push. The key of what stands for a resource that is gone would be another one for each stream.
	if (alone && ttl === 0 && !(mode === "sotw" && set.type.complete) && set.get(resource.name) === resource)
		return resource;
	// The version of a complete set is a hash of all resources in it.
	if (mode === "sotw" && set.type.complete) return `${ttl} ${version}-${joined(absent)}`;
	const beats = joined(heartbeats.flatMap(({ name, version }) => [name, version]));
	return `${ttl} ${joined(resources.map(({ name }) => name))}-${joined(removed)}-${joined(absent)}-${beats}`;
}

/** Names are the clients' own texts: their lengths keep them apart. */
function joined(names: readonly string[]): string {
	return names.map((name) => `${name.length}:${name}`).join("");
}
