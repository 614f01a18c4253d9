import { FingerpostError } from "../util/errors.js";

/** There is no endpoint that may get traffic; the message says why. */
export class NoReadyEndpoints extends FingerpostError {
	constructor(target: string, why: string) {
		super("NO_READY_ENDPOINTS", `no ready endpoint for ${target}: ${why}`);
	}
}
