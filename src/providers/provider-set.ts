import type { Provider } from "./provider.js";
import { createProvider, schemesOf } from "./provider-kind.js";
import type { ProviderSettings } from "./provider-settings.js";
import type { Registry } from "./registry.js";

/**
 * The providers that a config has settings for. An instance lives on while its settings stay the
 * same.
 */
export class ProviderSet {
	readonly #registry: Registry;
	readonly #instances = new Map<string, ProviderSettings>();
	/** What served a scheme before one of these instances did. */
	readonly #replaced = new Map<string, Provider>();

	constructor(registry: Registry) {
		this.#registry = registry;
	}

	/**
	 * Replaces the present instances by those of these settings. A provider that an instance had
	 * replaced comes back when the instance goes.
	 * @returns the schemes that another provider serves now; their watches must be restarted.
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
		for (const [name, wanted] of settings) {
			const present = this.#instances.get(name);
			if (present && isSame(present, wanted)) continue;
			this.#instances.set(name, wanted);
			const { kind, options } = wanted;
			const provider = createProvider(kind, options);
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

function isSame(a: ProviderSettings, b: ProviderSettings): boolean {
	return a.kind === b.kind && JSON.stringify(a.options) === JSON.stringify(b.options);
}
