import { parseTarget, type Target } from "../model/target.js";
import { type ProviderKind, schemesOf } from "../providers/provider-kind.js";
import type { Registry } from "../providers/registry.js";
import { InvalidTarget, UnsupportedScheme } from "../util/errors.js";

/** Reads the targets of a config: of the registry's schemes, and of the instances that the config itself makes. */
export class TargetReader {
	readonly #registry: Registry;
	readonly #instances = new Map<string, ProviderKind>();

	constructor(registry: Registry) {
		this.#registry = registry;
	}

	/** Targets may name this instance from now on. */
	readonly add = (name: string, kind: ProviderKind): void => {
		for (const scheme of schemesOf(name, kind)) this.#instances.set(scheme, kind);
	};

	/** @throws InvalidTarget, UnsupportedScheme */
	read(text: string): Target {
		const target = parseTarget(text);
		const kind = this.#instances.get(target.scheme);
		if (!kind && !this.#registry.schemes.includes(target.scheme)) {
			const known = new Set([...this.#registry.schemes, ...this.#instances.keys()]);
			throw new UnsupportedScheme(target.scheme, [...known].sort());
		}
		const problem = kind ? kind.check(target) : this.#registry.provider(target).check?.(target);
		if (problem !== undefined) throw new InvalidTarget(`"${text}": ${problem}`);
		return target;
	}
}
