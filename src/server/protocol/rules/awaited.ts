import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { placeholderOf } from "../../../resources/placeholder.js";

/**
 * R19: what is awaited is unknown, not absent. It is never removed, and never left out of what a
 * client has.
 */
export function isGone(set: ResourceSet, name: string): boolean {
	return !set.exists(name) && !set.isAwaited(name);
}

/**
 * R41: who has nothing of a name gets an empty resource once it is awaited for longer than the sync
 * deadline, well before a gRPC client gives up after 15 s. Nothing that a client has is emptied
 * (R19).
 * https://github.com/grpc/proposal/blob/master/A57-xds-client-failure-mode-behavior.md
 * @param hasNothing told whether the client has only this placeholder, or nothing.
 */
export function standInFor(
	set: ResourceSet,
	name: string,
	hasNothing: (placeholder: EncodedResource) => boolean,
): EncodedResource | undefined {
	if (!set.isOverdue(name)) return undefined;
	const placeholder = placeholderOf(set.type, name);
	return placeholder && hasNothing(placeholder) ? placeholder : undefined;
}
