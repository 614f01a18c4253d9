import type { Limits } from "../../model/limits.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { MaybeSteps } from "../../util/steps.js";
import type { Session } from "../protocol/session.js";
import { DELTA, SOTW, type Variant } from "../protocol/variants.js";
import { decodeDeltaRequest } from "../wire/decode/decode-delta-request.js";
import { decodeSotwRequest } from "../wire/decode/decode-sotw-request.js";
import type { DeltaRequest, DiscoveryRequest, SotwRequest } from "../wire/discovery-request.js";
import type { LastNames } from "../wire/last-names.js";
import type { StreamNames } from "./names/stream-names.js";

/** A variant of the protocol, how its requests are decoded, and what their names count. */
export interface StreamVariant<Request extends DiscoveryRequest> extends Variant<Request> {
	/** @throws as decodeSotwRequest() and decodeDeltaRequest() */
	decode(bytes: Uint8Array, wantNode: boolean, limits: Limits, names: LastNames): MaybeSteps<Request>;
	/** @param session has the names of before. @throws RpcError if there is no room for those of the request. */
	count(names: StreamNames, type: ResourceType, request: Request, session: Pick<Session<never>, "namesOf">): void;
}

export const SOTW_STREAM: StreamVariant<SotwRequest> = {
	...SOTW,
	decode: (bytes, wantNode, limits, names) => decodeSotwRequest(bytes, wantNode, names, limits),
	count: (names, type, request) => names.replace(type, request.names),
};

export const DELTA_STREAM: StreamVariant<DeltaRequest> = {
	...DELTA,
	decode: (bytes, wantNode, limits, names) => decodeDeltaRequest(bytes, wantNode, limits, names.interned),
	count: (names, type, { subscribe }, session) => {
		if (subscribe.length > 0) names.add(type, subscribe, () => session.namesOf(type));
	},
};
