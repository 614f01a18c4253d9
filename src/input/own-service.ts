import {
	DEFAULT_CONNECT_TIMEOUT_MS,
	PROTOCOLS,
	type Protocol,
	type ServiceDefinition,
	serviceNameProblem,
} from "../model/service.js";
import { MAX_DURATION_MS } from "../util/duration.js";
import { FingerpostError } from "../util/errors.js";
import { didYouMean } from "../util/text/suggest.js";
import type { EndpointInput } from "./given/endpoint-input.js";
import { GivenEndpoints } from "./given/given-endpoints.js";

export interface ServiceOptions {
	/** What the endpoints speak; `http1` unless given. */
	readonly protocol?: Protocol;
	/** Milliseconds that Envoy waits for a connection to an endpoint; 5,000 unless given. */
	readonly connectTimeout?: number;
}

/**
 * The definition of a service that a program is the source of.
 * @param given what was read of the service before; it takes over what is read now.
 * @throws InvalidEndpoints with every problem at once; FingerpostError INVALID_CONFIG for the name or an option.
 */
export function ownService(
	name: string,
	inputs: readonly EndpointInput[],
	options: ServiceOptions,
	given = new GivenEndpoints(),
): ServiceDefinition {
	const { protocol = "http1", connectTimeout = DEFAULT_CONNECT_TIMEOUT_MS } = options;
	const service = `service ${JSON.stringify(name)}`;
	const wrong = nameProblem(name) ?? optionsProblem({ ...options, protocol, connectTimeout });
	if (wrong !== undefined) throw new FingerpostError("INVALID_CONFIG", `${service}: ${wrong}`);
	return { name, protocol, connectTimeout, targets: [], endpoints: given.read(inputs, service) };
}

/** The services that a program is the source of. To set one again costs what is said otherwise of it. */
export class OwnServices {
	readonly #given = new Map<string, GivenEndpoints>();

	/** As ownService. What was read before stays where it throws. */
	read(name: string, inputs: readonly EndpointInput[], options: ServiceOptions): ServiceDefinition {
		const given = this.#given.get(name) ?? new GivenEndpoints();
		const definition = ownService(name, inputs, options, given);
		this.#given.set(name, given);
		return definition;
	}

	/** Frees what is remembered of the service. */
	forget(name: string): void {
		this.#given.delete(name);
	}
}

/** A program may be written without types. */
function nameProblem(name: unknown): string | undefined {
	return typeof name === "string" ? serviceNameProblem(name) : "a service name is a string";
}

function optionsProblem({ protocol, connectTimeout, ...others }: Required<ServiceOptions>): string | undefined {
	const [unknown] = Object.keys(others);
	if (unknown !== undefined) {
		return `unknown option ${JSON.stringify(unknown)}${didYouMean(unknown, ["protocol", "connectTimeout"])}`;
	}
	if (!PROTOCOLS.includes(protocol)) return `expected one of ${PROTOCOLS.join(", ")}, not ${protocol}`;
	if (Number.isInteger(connectTimeout) && connectTimeout >= 1 && connectTimeout <= MAX_DURATION_MS) return undefined;
	return `expected a connectTimeout of 1 to ${MAX_DURATION_MS} ms, a whole number, not ${connectTimeout}`;
}
