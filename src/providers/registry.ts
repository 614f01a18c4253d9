import type { Endpoint } from "../model/endpoint.js";
import { parseTarget, type Target } from "../model/target.js";
import { InvalidTarget, UnsupportedScheme } from "../util/errors.js";
import type { Provider, TargetObserver } from "./provider.js";

/** Which provider serves which scheme. */
export class Registry {
	readonly #providers = new Map<string, Provider>();

	/** @param scheme lower case, without `://`; a scheme that is already there is replaced. */
	register(scheme: string, provider: Provider): this {
		this.#providers.set(scheme, provider);
		return this;
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

	/** Looks once. @throws ServiceNotFound, SourceFailed, UnsupportedScheme, InvalidTarget */
	async discover(target: Target, options: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		return this.provider(target).discover(target, options);
	}

	/** Watches until the signal fires. @throws UnsupportedScheme */
	watch(target: Target, observer: TargetObserver, options: { readonly signal: AbortSignal }): void {
		this.provider(target).watch(target, observer, options);
	}

	refresh(target: Target): void {
		this.provider(target).refresh?.(target);
	}
}
