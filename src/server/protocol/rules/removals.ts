import type { ResourceType } from "../../../resources/resource-type.js";
import type { Mode } from "../../wire/mode.js";
import { NOTHING } from "./versions.js";

/** How a client is told that there is nothing of a name: by an empty resource, or in words. */
export type Removal = "placeholder" | "removed";

/**
 * R20: an Envoy whose assignment is removed keeps the old endpoints, so a service that is gone
 * leaves an empty one. R31: a delta client that asks for what does not exist is told so by
 * `removed_resources`.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#knowing-when-a-requested-resource-does-not-exist
 * @param asked whether the client waits to be told.
 */
export function removalOf(mode: Mode, type: ResourceType, asked: boolean): Removal {
	return type.placeholder && !(mode === "delta" && asked) ? "placeholder" : "removed";
}

/**
 * R23, R31: who asks for what does not exist is told with the updates. What a client has goes after
 * them (R18); in SotW an answer to its request comes first all the same.
 * @param has the version that the client has.
 */
export function isToldAtOnce(mode: Mode, asked: boolean, has: string): boolean {
	return asked && (mode === "sotw" || has === NOTHING);
}
