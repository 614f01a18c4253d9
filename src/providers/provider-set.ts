import type { Provider } from "./provider.js";
import { type ProviderKind, schemesOf } from "./provider-kind.js";
import type { Registry } from "./registry.js";

/** The settings of one instance, as the config gives them. */
export interface ProviderSettings {
	readonly kind: ProviderKind;
	/** As the kind's schema made them. */
	readonly options: Readonly<Record<string, unknown>>;
}

interface Instance extends ProviderSettings {
	readonly provider: Provider;
}

/** The providers that a config has settings for. An instance whose settings stay the same goes on as it is. */
export class ProviderSet {
	readonly #registry: Registry;
	readonly #instances = new Map<string, Instance>();
	/** What served a scheme before an instance of ours did. */
	readonly #replaced = new Map<string, Provider>();

	constructor(registry: Registry) {
		this.#registry = registry;
	}

	/**
	 * Registers the instances of these settings in place of the present ones. What a present one had replaced comes back
	 * where nothing takes its place.
	 * @returns the schemes that are served by another provider now: what is watched by them must be watched anew.
	 */
	apply(settings: ReadonlyMap<string, ProviderSettings>): ReadonlySet<string> {
		const changed = new Set<string>();
		for (const [name, { kind }] of this.#instances) {
			if (settings.has(name)) continue;
			this.#instances.delete(name);
			for (const scheme of schemesOf(name, kind)) {
				const before = this.#replaced.get(scheme);
				if (before) this.#registry.register(scheme, before);
				else this.#registry.unregister(scheme);
				this.#replaced.delete(scheme);
				changed.add(scheme);
			}
		}
		for (const [name, { kind, options }] of settings) {
			const present = this.#instances.get(name);
			if (present?.kind === kind && JSON.stringify(present.options) === JSON.stringify(options)) continue;
			const provider = kind.create(options);
			this.#instances.set(name, { kind, options, provider });
			for (const scheme of schemesOf(name, kind)) {
				const before = this.#registry.find(scheme);
				if (before && !present) this.#replaced.set(scheme, before);
				this.#registry.register(scheme, provider);
				changed.add(scheme);
			}
		}
		return changed;
	}
}
