import type { ResponseBody } from "../../resources/response-body.js";
import type { ResponseKey } from "./encoded-responses.js";

/**
 * A response before it is encoded, and what the server has to know of it when it is acknowledged.
 */
export interface Draft extends ResponseBody {
	/** Its key in the memo of encoded responses, where that is known. */
	readonly key?: ResponseKey;
	/** Whether it holds what is not in the set: then no other stream gets the same. */
	readonly isOwn?: boolean;
	/**
	 * When the oldest change in it was made, in `performance.now()`; unset where it only answers a
	 * request.
	 */
	readonly since: number | undefined;
	/**
	 * Names whose resource the client had in another version: their children are sent again (R17).
	 */
	readonly replaced: readonly string[];
	/**
	 * The versions that the client had of the resources before, in their order; empty for complete
	 * sets.
	 */
	readonly replacedVersions: readonly string[];
	/**
	 * Whether it is a part of a rejected response, sent to find out which resource is rejected (R7).
	 */
	readonly probe: boolean;
}
