import { DEFAULT_LIMITS } from "../../../src/model/limits.js";
import {
	type DeltaRequest,
	decodeDeltaRequest as deltaSteps,
	type SotwRequest,
	decodeSotwRequest as sotwSteps,
} from "../../../src/server/wire/discovery-request.js";
import { InternedNames } from "../../../src/server/wire/interned-names.js";
import { LastNames } from "../../../src/server/wire/last-names.js";
import { atOnce } from "../../../src/util/steps.js";

export function decodeSotwRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	last = new LastNames(),
	limits = DEFAULT_LIMITS,
): SotwRequest {
	return atOnce(sotwSteps(bytes, wantNode, last, limits));
}

export function decodeDeltaRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	limits = DEFAULT_LIMITS,
	interned = new InternedNames(),
): DeltaRequest {
	return atOnce(deltaSteps(bytes, wantNode, limits, interned));
}
