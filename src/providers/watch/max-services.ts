import { SourceFailed } from "../../util/errors.js";

/** Services that one registry may have: what brings more is a mistake, or wants to fill the memory. */
export const MAX_SERVICES = 50_000;

/** The failure of a registry that has more. */
export function tooManyServices(count: number): SourceFailed {
	return new SourceFailed(`the registry has ${count} services; at most ${MAX_SERVICES} are taken`);
}
