import type { Node } from "../../gen/envoy/config/core/v3/base.js";
import type { RequestError } from "./read-error.js";

/** What both variants say. */
export interface DiscoveryRequest {
	/** Read only on request: by default Envoy sends 61 kB of it with every request. */
	readonly node: Node | undefined;
	readonly typeUrl: string;
	readonly nonce: string;
	/** Present exactly in a NACK (R5). */
	readonly error: RequestError | undefined;
}

/** A SotW DiscoveryRequest. */
export interface SotwRequest extends DiscoveryRequest {
	readonly version: string;
	readonly names: readonly string[];
}

/** A DeltaDiscoveryRequest. */
export interface DeltaRequest extends DiscoveryRequest {
	readonly subscribe: readonly string[];
	readonly unsubscribe: readonly string[];
	readonly initialVersions: ReadonlyMap<string, string>;
}
