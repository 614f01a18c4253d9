import { FingerpostError } from "../util/errors.js";
import { valueProblem } from "../util/problem.js";
import { DEFAULT_WEIGHT, type Endpoint, endpoint } from "./endpoint.js";
import { canonicalAddress, parseEndpointAddress } from "./endpoint-address.js";
import { InvalidEndpoints } from "./endpoint-file.js";
import { endpointProblem } from "./endpoint-problem.js";
import {
	DEFAULT_CONNECT_TIMEOUT_MS,
	PROTOCOLS,
	type Protocol,
	type ServiceDefinition,
	serviceNameProblem,
} from "./service.js";

/**
 * An endpoint as a program gives it: `127.0.0.1:8080`, or an address and port with what else is to be said of it. Health is
 * `healthy`, weight 100 and priority 0 unless given. A host name in place of the address is resolved by DNS.
 */
export type EndpointInput = string | (Pick<Endpoint, "address" | "port"> & Partial<Endpoint>);

export interface ServiceOptions {
	/** What the endpoints speak; `http1` unless given. */
	readonly protocol?: Protocol;
	/** Milliseconds that Envoy waits for a connection to an endpoint; 5,000 unless given. */
	readonly connectTimeout?: number;
}

/**
 * The definition of a service that a program is the source of.
 * @throws InvalidEndpoints with every problem at once; FingerpostError INVALID_CONFIG for the name or an option.
 */
export function ownService(
	name: string,
	inputs: readonly EndpointInput[],
	{ protocol = "http1", connectTimeout = DEFAULT_CONNECT_TIMEOUT_MS }: ServiceOptions,
): ServiceDefinition {
	const refuse = (problem: string) => {
		throw new FingerpostError("INVALID_CONFIG", `service ${JSON.stringify(name)}: ${problem}`);
	};
	const wrongName = serviceNameProblem(name);
	if (wrongName !== undefined) refuse(wrongName);
	if (!PROTOCOLS.includes(protocol)) refuse(`expected one of ${PROTOCOLS.join(", ")}, not ${protocol}`);
	if (!(connectTimeout >= 1)) refuse(`expected a connectTimeout of at least 1 ms, not ${connectTimeout}`);
	const problems = [];
	const endpoints: Endpoint[] = [];
	const at = new Date();
	for (const [i, input] of inputs.entries()) {
		const read = typeof input === "string" ? fromText(input) : input;
		const problem = typeof read === "string" ? read : problemOf(read);
		if (typeof read === "string" || problem !== undefined) {
			problems.push(valueProblem(`service ${JSON.stringify(name)}`, ["endpoints", i], problem ?? String(read)));
		} else {
			const complete = endpoint({
				health: "healthy",
				weight: DEFAULT_WEIGHT,
				...read,
				origin: { target: "inline", at },
			});
			endpoints.push({ ...complete, address: canonicalAddress(complete.address) });
		}
	}
	if (problems.length > 0) throw new InvalidEndpoints(problems);
	return { name, protocol, connectTimeout, targets: [], endpoints };
}

function fromText(text: string): Pick<Endpoint, "address" | "port"> | string {
	const parsed = parseEndpointAddress(text);
	return parsed.problem ?? parsed;
}

function problemOf(parts: Pick<Endpoint, "address" | "port"> & Partial<Endpoint>): string | undefined {
	return typeof parts.address === "string" ? endpointProblem(endpoint(parts)) : "the address is missing";
}
