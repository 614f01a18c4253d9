import type { EncodedResource } from "./encoded-resource.js";

/** What a response says, before it is encoded and gets a nonce. */
export interface ResponseBody {
	readonly version: string;
	readonly resources: readonly EncodedResource[];
	/** Delta only, `removed_resources`: names that are gone or do not exist (R31, R32). */
	readonly removed: readonly string[];
	/** `resource_errors`: names that the client is told not to exist, each once (R38). */
	readonly absent?: readonly string[];
	/** Delta only: versions that the client has and is to keep for longer (R26). */
	readonly heartbeats?: readonly { readonly name: string; readonly version: string }[];
}
