import { SourceFailed } from "../../util/errors.js";

/** More than any known service has: what brings more is a mistake, or wants to fill the memory. */
export const DEFAULT_MAX_ENDPOINTS = 50_000;

/** The failure of a source that brings more endpoints than one target may. */
export function tooMany(count: number, most: number): SourceFailed {
	return new SourceFailed(
		`the source gives ${count} endpoints, and a target may have ${most}; raise maxEndpoints if they are meant`,
	);
}
