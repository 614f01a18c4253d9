import type { Limits } from "../../model/limits.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { Steps } from "../../util/steps.js";
import { DELTA, SOTW, type Variant } from "../protocol/variants.js";
import {
	type DeltaRequest,
	type DiscoveryRequest,
	decodeDeltaRequest,
	decodeSotwRequest,
	type SotwRequest,
} from "../wire/discovery-request.js";
import type { LastNames } from "../wire/last-names.js";
import type { StreamNames } from "./names/stream-names.js";

/** A variant of the protocol, how its requests are decoded, and what their names count. */
export interface StreamVariant<Request extends DiscoveryRequest> extends Variant<Request> {
	/** @throws as decodeSotwRequest() and decodeDeltaRequest() */
	decode(bytes: Uint8Array, wantNode: boolean, limits: Limits, names: LastNames): Steps<Request>;
	/** @param present the names that the stream asks for now. @throws RpcError if there is no room for them. */
	count(names: StreamNames, type: ResourceType, request: Request, present: () => Iterable<string>): void;
}

export const SOTW_STREAM: StreamVariant<SotwRequest> = {
	...SOTW,
	decode: (bytes, wantNode, limits, names) => decodeSotwRequest(bytes, wantNode, names, limits),
	count: (names, type, request) => names.replace(type, request.names),
};

export const DELTA_STREAM: StreamVariant<DeltaRequest> = {
	...DELTA,
	decode: (bytes, wantNode, limits, names) => decodeDeltaRequest(bytes, wantNode, limits, names.interned),
	count: (names, type, { subscribe }, present) => names.add(type, subscribe, present),
};
