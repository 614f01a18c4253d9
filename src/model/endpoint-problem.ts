import { type Endpoint, HEALTHS, MAX_PRIORITY, MAX_WEIGHT } from "./endpoint.js";
import { hostProblem, otherAddressProblem, portProblem } from "./endpoint-address.js";

/** Why no client could be sent the endpoint, or undefined. */
export function endpointProblem(e: Endpoint): string | undefined {
	return (
		// A provider may be written without types.
		(typeof e.address === "string" ? hostProblem(e.address) : "the address is missing") ??
		(Number.isInteger(e.port) ? portProblem(e.port) : `the port must be 1 to 65535, not ${e.port}`) ??
		outside("weight", e.weight, MAX_WEIGHT) ??
		outside("priority", e.priority, MAX_PRIORITY) ??
		(HEALTHS.includes(e.health) ? undefined : `the health must be one of ${HEALTHS.join(", ")}, not ${e.health}`) ??
		(e.locality ? undefined : "the locality is missing; endpoint() fills in what is") ??
		e.additionalAddresses?.map(otherAddressProblem).find((problem) => problem !== undefined)
	);
}

function outside(name: string, value: number, max: number): string | undefined {
	return Number.isInteger(value) && value >= 0 && value <= max
		? undefined
		: `the ${name} must be 0 to ${max}, not ${value}`;
}
