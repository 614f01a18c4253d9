import type { Endpoint } from "../model/endpoint.js";
import { parseTarget, type Target } from "../model/target.js";
import { InvalidTarget, UnsupportedScheme } from "../util/errors.js";
import type { Provider } from "./provider.js";
import { type WatchEvent, type WatchOptions, watchEvents } from "./watch-events.js";

/** Which provider serves which scheme. */
export class Registry {
	readonly #providers = new Map<string, Provider>();

	/** @param scheme lower case, without `://`; a scheme that is already there is replaced. */
	register(scheme: string, provider: Provider): this {
		this.#providers.set(scheme, provider);
		return this;
	}

	unregister(scheme: string): void {
		this.#providers.delete(scheme);
	}

	/** The scheme's provider, if there is one. */
	find(scheme: string): Provider | undefined {
		return this.#providers.get(scheme);
	}

	get schemes(): readonly string[] {
		return [...this.#providers.keys()].sort();
	}

	/** @throws UnsupportedScheme if no provider is registered for the target's scheme. */
	provider(target: Target): Provider {
		const provider = this.#providers.get(target.scheme);
		if (!provider) throw new UnsupportedScheme(target.scheme, this.schemes);
		return provider;
	}

	/**
	 * The target as its provider can serve it; no I/O.
	 * @throws InvalidTarget, UnsupportedScheme
	 */
	parse(text: string): Target {
		const target = parseTarget(text);
		const problem = this.provider(target).check?.(target);
		if (problem !== undefined) throw new InvalidTarget(`"${text}": ${problem}`);
		return target;
	}

	/**
	 * Looks once.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it cannot be asked,
	 *   UnsupportedScheme, InvalidTarget; the signal's reason if it fires.
	 */
	async discover(target: string | Target, options: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		const parsed = this.#parsed(target);
		return this.provider(parsed).discover(parsed, options);
	}

	/**
	 * The present endpoints, then each change, until the signal fires. It holds the newest state only: what a slow reader
	 * missed is one event.
	 * @throws UnsupportedScheme, InvalidTarget at once, not at the first event.
	 */
	watch(target: string | Target, options: WatchOptions): AsyncIterableIterator<WatchEvent> {
		const parsed = this.#parsed(target);
		this.provider(parsed);
		return watchEvents(this, parsed, options);
	}

	/** A hint to look again now, taken no more often than the provider's minimum interval. */
	refresh(target: string | Target): void {
		const parsed = this.#parsed(target);
		this.provider(parsed).refresh?.(parsed);
	}

	#parsed(target: string | Target): Target {
		return typeof target === "string" ? this.parse(target) : target;
	}
}
