import type { EndpointInput } from "../../input/given/endpoint-input.js";
import { GivenEndpoints } from "../../input/given/given-endpoints.js";
import { InvalidConfig } from "../../input/invalid-config.js";
import type { Problem } from "../../input/problem.js";
import { type ServiceDefinition, serviceNameProblem } from "../../model/service.js";
import { FingerpostError } from "../../util/errors.js";
import { sameValue } from "../../util/same-value.js";
import { SettingsFiller, type WrittenSettings } from "../policies/settings-filler.js";
import { fillOptions, readOptions, type ServiceOptions } from "./service-options.js";

export type { ServiceOptions };

/** What was given of a service before: of the next only what is said otherwise is read. */
class Given {
	readonly #name: string;
	readonly #endpoints = new GivenEndpoints();
	/** A copy, which its owner cannot change. */
	#options: ServiceOptions | undefined;
	#written: WrittenSettings = {};
	#definition: ServiceDefinition | undefined;

	/** @param name one that can be. */
	constructor(name: string) {
		this.#name = name;
	}

	get #subject(): string {
		return `service ${JSON.stringify(this.#name)}`;
	}

	read(inputs: readonly EndpointInput[], options: ServiceOptions, filler: SettingsFiller): ServiceDefinition {
		const before = this.#definition && sameValue(options, this.#options) ? this.#definition : undefined;
		const written = before ? this.#written : readOptions(options, this.#subject);
		const settings = before ?? fillOptions(written, this.#subject, filler);
		const endpoints = this.#endpoints.read(inputs, this.#subject);
		if (!before) [this.#options, this.#written] = [structuredClone(options), written];
		this.#definition = { ...settings, name: this.#name, targets: [], endpoints };
		return this.#definition;
	}

	/** The same with other defaults; what was read stays. */
	with(filler: SettingsFiller): ServiceDefinition {
		const { endpoints = [] } = this.#definition ?? {};
		return { ...fillOptions(this.#written, this.#subject, filler), name: this.#name, targets: [], endpoints };
	}

	takeOver(definition: ServiceDefinition): void {
		this.#definition = definition;
	}
}

/** The services that a program is the source of. To set one again costs what is said otherwise of it. */
export class OwnServices {
	readonly #given = new Map<string, Given>();
	#defaults: WrittenSettings | undefined;
	#filler: SettingsFiller;

	/** @param defaults what counts where a service does not say it; nothing unless given. */
	constructor(defaults?: WrittenSettings) {
		this.#defaults = defaults;
		this.#filler = new SettingsFiller(defaults);
	}

	/**
	 * The definition of a service. What was read before stays where it throws.
	 * @throws InvalidEndpoints with every problem of the list; InvalidConfig with every problem of the options;
	 * FingerpostError INVALID_CONFIG for the name.
	 */
	read(name: string, inputs: readonly EndpointInput[], options: ServiceOptions): ServiceDefinition {
		const wrong = nameProblem(name);
		if (wrong !== undefined) throw new FingerpostError("INVALID_CONFIG", `service ${JSON.stringify(name)}: ${wrong}`);
		const given = this.#given.get(name) ?? new Given(name);
		const definition = given.read(inputs, options, this.#filler);
		this.#given.set(name, given);
		return definition;
	}

	/**
	 * What the services become with other defaults, which count from now on; none where the defaults are the same.
	 * @throws InvalidConfig with every problem of every service; all stays as it was then.
	 */
	setDefaults(defaults: WrittenSettings | undefined): readonly ServiceDefinition[] {
		if (sameValue(defaults, this.#defaults)) return [];
		const filler = new SettingsFiller(defaults);
		const problems: Problem[] = [];
		const changed: [Given, ServiceDefinition][] = [];
		for (const given of this.#given.values()) {
			try {
				changed.push([given, given.with(filler)]);
			} catch (error) {
				if (!(error instanceof InvalidConfig)) throw error;
				for (const message of error.message.split("\n")) problems.push({ path: "defaults", message });
			}
		}
		if (problems.length > 0) throw new InvalidConfig(problems);
		for (const [given, definition] of changed) given.takeOver(definition);
		[this.#defaults, this.#filler] = [defaults, filler];
		return changed.map(([, definition]) => definition);
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
