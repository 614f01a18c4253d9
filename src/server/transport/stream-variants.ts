import type { Limits } from "../../model/limits.js";
import { DELTA, SOTW, type Variant } from "../protocol/variants.js";
import {
	type DeltaRequest,
	type DiscoveryRequest,
	decodeDeltaRequest,
	decodeSotwRequest,
	type SotwRequest,
} from "../wire/discovery-request.js";
import type { LastNames } from "../wire/last-names.js";

/** A variant of the protocol, and how its requests are decoded. */
export interface StreamVariant<Request extends DiscoveryRequest> extends Variant<Request> {
	/** @throws as decodeSotwRequest() and decodeDeltaRequest() */
	decode(bytes: Uint8Array, wantNode: boolean, limits: Limits, names: LastNames): Request;
}

export const SOTW_STREAM: StreamVariant<SotwRequest> = {
	...SOTW,
	decode: (bytes, wantNode, limits, names) => decodeSotwRequest(bytes, wantNode, names, limits),
};

export const DELTA_STREAM: StreamVariant<DeltaRequest> = {
	...DELTA,
	decode: (bytes, wantNode, limits, names) => decodeDeltaRequest(bytes, wantNode, limits, names.interned),
};
