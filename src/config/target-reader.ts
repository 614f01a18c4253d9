import { parseTarget, type Target } from "../model/target.js";
import { kindProblem, type ProviderKind, schemesOf } from "../providers/provider-kind.js";
import { invalidTarget } from "../providers/read-target.js";
import type { Registry } from "../providers/registry.js";
import { UnsupportedScheme } from "../util/errors.js";

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

	/** The next config makes its own instances. */
	forget(): void {
		this.#instances.clear();
	}

	/** @throws InvalidTarget, UnsupportedScheme */
	read(text: string): Target {
		const target = parseTarget(text);
		this.check(target);
		return target;
	}

	/** @throws InvalidTarget, UnsupportedScheme */
	check(target: Target): void {
		const { scheme } = target;
		const kind = this.#instances.get(scheme);
		if (kind) {
			const problem = kindProblem(kind, target);
			if (problem !== undefined) throw invalidTarget(target, problem);
		} else if (this.#registry.find(scheme)) {
			this.#registry.check(target);
		} else {
			const known = new Set([...this.#registry.schemes, ...this.#instances.keys()]);
			throw new UnsupportedScheme(scheme, [...known].sort());
		}
	}
}
