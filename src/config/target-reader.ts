import { parseTarget, type Target } from "../model/target.js";
import { kindProblem, type ProviderKind, schemesOf } from "../providers/provider-kind.js";
import { invalidTarget } from "../providers/read-target.js";
import type { Registry } from "../providers/registry.js";
import { UnsupportedScheme } from "../util/errors.js";

type Check = (target: Target) => string | undefined;

interface Checks {
	readonly check?: Check | undefined;
	/** Absent where the provider finds no whole registries. */
	readonly checkAll?: Check | undefined;
}

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

	/**
	 * Reads what stands for a whole registry.
	 * @throws InvalidTarget, UnsupportedScheme
	 */
	readRegistry(text: string): Target {
		const target = parseTarget(text);
		const { checkAll } = this.#checks(target);
		const problem = checkAll ? checkAll(target) : `no provider of "${target.scheme}" finds whole registries`;
		if (problem !== undefined) throw invalidTarget(target, problem);
		return target;
	}

	/** @throws InvalidTarget, UnsupportedScheme */
	check(target: Target): void {
		const { check, checkAll } = this.#checks(target);
		const problem = check?.(target);
		if (problem === undefined) return;
		const isRegistry = checkAll !== undefined && checkAll(target) === undefined;
		throw invalidTarget(target, isRegistry ? "it stands for many services, and belongs under discover" : problem);
	}

	/** @throws UnsupportedScheme */
	#checks(target: Target): Checks {
		const { scheme } = target;
		const kind = this.#instances.get(scheme);
		if (kind) return checksOf(kind);
		const provider = this.#registry.find(scheme);
		if (!provider) {
			const known = new Set([...this.#registry.schemes, ...this.#instances.keys()]);
			throw new UnsupportedScheme(scheme, [...known].sort());
		}
		return {
			check: (each) => provider.check?.(each),
			checkAll: provider.watchAll && ((each) => provider.checkAll?.(each)),
		};
	}
}

function checksOf(kind: ProviderKind): Checks {
	return {
		check: (target) => kindProblem(kind, target),
		checkAll: kind.checkAll && ((target) => kind.checkAll?.(target) ?? kind.unavailable?.()),
	};
}
