import type { ServiceDefinition } from "../model/service.js";
import { sameValue } from "../util/same-value.js";
import type { Steps } from "../util/steps.js";

/** Services as they are written, by name. */
export type WrittenServices = Readonly<Record<string, unknown>>;

interface Known {
	/** Variables replaced. */
	readonly written: unknown;
	readonly service: ServiceDefinition;
}

const NONE: ReadonlyMap<string, Known> = new Map();

/**
 * The services of a config file as it was read last, by what is written of each. When the file is read again, those that
 * are written the same stay the very same objects.
 */
export class KnownServices {
	#file: string | undefined;
	#defaults: unknown;
	#known: ReadonlyMap<string, Known> = NONE;

	/**
	 * Those that are written as they were in the file of this name: the name is in what was read of it.
	 * @param defaults as they are written; with others, nothing is the same.
	 */
	*same(
		written: WrittenServices,
		defaults: unknown,
		file: string | undefined,
	): Steps<ReadonlyMap<string, ServiceDefinition>> {
		const before = this.#file === file && sameValue(this.#defaults, defaults) ? this.#known : NONE;
		const same = new Map<string, ServiceDefinition>();
		if (before.size === 0) return same;
		for (const [name, value] of Object.entries(written)) {
			const known = before.get(name);
			if (known && sameValue(known.written, value)) same.set(name, known.service);
			yield;
		}
		return same;
	}

	/** Takes over what was read now. */
	learn(
		written: WrittenServices,
		defaults: unknown,
		services: ReadonlyMap<string, ServiceDefinition>,
		file: string | undefined,
	): void {
		const known = new Map<string, Known>();
		for (const [name, service] of services) known.set(name, { written: written[name], service });
		this.#file = file;
		this.#defaults = defaults;
		this.#known = known;
	}
}
