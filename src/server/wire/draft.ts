import type { ResponseKey } from "../../cache/memo/encoded-responses.js";
import type { EncodedResource } from "../../resources/encoded-resource.js";

/** A response before it is encoded. */
export interface Draft {
	readonly version: string;
	readonly resources: readonly EncodedResource[];
	/** Delta only: names that are gone or do not exist. */
	readonly removed: readonly string[];
	/** Names that the client is told not to exist, each once (R38). */
	readonly absent?: readonly string[];
	/** Delta only: what the client has in these versions and is to keep for longer (R26). */
	readonly heartbeats?: readonly { readonly name: string; readonly version: string }[];
	/** What draftKey() gives for it, where that is known: of what was found once for many streams. */
	readonly key?: ResponseKey;
	/** When the oldest change in it was made, in `performance.now()`; unset where it only answers a request. */
	readonly since: number | undefined;
	/** Names whose resource the client had in another version: what depends on them is sent again (R17). */
	readonly replaced: readonly string[];
	/** The versions that the client had of the resources before, in their order; empty for complete sets. */
	readonly replacedVersions: readonly string[];
	/** Whether it is a part of a rejected response, to find out what of it is rejected. */
	readonly probe: boolean;
}

/** First what is new or changed, in the order of the types; then what goes, in the opposite order (R18). */
export type Phase = "update" | "removal";

export { MAX_RESPONSE_BYTES } from "../../resources/response-size.js";
