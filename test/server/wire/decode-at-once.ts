import { DEFAULT_LIMITS } from "../../../src/model/limits.js";
import { decodeDeltaRequest as delta } from "../../../src/server/wire/decode/decode-delta-request.js";
import { decodeSotwRequest as sotw } from "../../../src/server/wire/decode/decode-sotw-request.js";
import type { DeltaRequest, SotwRequest } from "../../../src/server/wire/discovery-request.js";
import { InternedNames } from "../../../src/server/wire/interned-names.js";
import { LastNames } from "../../../src/server/wire/last-names.js";
import { areSteps, atOnce, type MaybeSteps } from "../../../src/util/steps.js";

export function decodeSotwRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	last = new LastNames(),
	limits = DEFAULT_LIMITS,
): SotwRequest {
	return done(sotw(bytes, wantNode, last, limits));
}

export function decodeDeltaRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	limits = DEFAULT_LIMITS,
	interned = new InternedNames(),
): DeltaRequest {
	return done(delta(bytes, wantNode, limits, interned));
}

/** Does the steps, if there are any. */
export function done<T extends object>(result: MaybeSteps<T>): T {
	return areSteps(result) ? atOnce(result) : result;
}
