import type { EndpointInput } from "../../input/given/endpoint-input.js";
import { GivenEndpoints } from "../../input/given/given-endpoints.js";
import { type ServiceDefinition, type ServiceSettings, serviceNameProblem } from "../../model/service.js";
import { FingerpostError } from "../../util/errors.js";
import { sameValue } from "../../util/same-value.js";
import { readOptions, type ServiceOptions } from "./service-options.js";

export type { ServiceOptions };

/** What was given of a service before: of the next only what is said otherwise is read. */
class Given {
	readonly #endpoints = new GivenEndpoints();
	/** A copy, which its owner cannot change. */
	#options: ServiceOptions | undefined;
	#settings: ServiceSettings | undefined;

	read(name: string, inputs: readonly EndpointInput[], options: ServiceOptions): ServiceDefinition {
		const service = `service ${JSON.stringify(name)}`;
		const wrong = nameProblem(name);
		if (wrong !== undefined) throw new FingerpostError("INVALID_CONFIG", `${service}: ${wrong}`);
		const isAgain = this.#settings !== undefined && sameValue(options, this.#options);
		const settings = isAgain ? (this.#settings as ServiceSettings) : readOptions(options, service);
		const definition = { name, ...settings, targets: [], endpoints: this.#endpoints.read(inputs, service) };
		if (!isAgain) [this.#options, this.#settings] = [structuredClone(options), settings];
		return definition;
	}
}

/** The services that a program is the source of. To set one again costs what is said otherwise of it. */
export class OwnServices {
	readonly #given = new Map<string, Given>();

	/**
	 * The definition of a service. What was read before stays where it throws.
	 * @throws InvalidEndpoints with every problem of the list; InvalidConfig with every problem of the options;
	 * FingerpostError INVALID_CONFIG for the name.
	 */
	read(name: string, inputs: readonly EndpointInput[], options: ServiceOptions): ServiceDefinition {
		const given = this.#given.get(name) ?? new Given();
		const definition = given.read(name, inputs, options);
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
