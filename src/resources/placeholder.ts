import { EncodedResource } from "./encoded-resource.js";
import type { ResourceType } from "./resource-type.js";

/** What stands for a name that does not exist (R20, R23). Undefined where the type has no placeholder. */
export function placeholderOf({ placeholder, url }: ResourceType, name: string): EncodedResource | undefined {
	return placeholder && name !== "" ? new EncodedResource(url, name, placeholder(name)) : undefined;
}

export function isPlaceholder(type: ResourceType, { name, version }: EncodedResource): boolean {
	return placeholderOf(type, name)?.version === version;
}
