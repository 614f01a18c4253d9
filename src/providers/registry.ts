import type { Endpoint } from "../model/endpoint.js";
import { isScheme, parseTarget, type Target } from "../model/target.js";
import { formatDuration } from "../util/duration.js";
import { FingerpostError, InvalidTarget, messageOf, SourceFailed, UnsupportedScheme } from "../util/errors.js";
import { withinLimit } from "../util/time-limit.js";
import { resolveHosts } from "./host-endpoints.js";
import type { Provider } from "./provider.js";
import { createProvider, schemesOf } from "./provider-kind.js";
import { PROVIDER_KINDS } from "./provider-kinds.js";
import { readProviderSettings } from "./provider-settings.js";
import { invalidTarget } from "./read-target.js";
import { DEFAULT_MAX_ENDPOINTS, tooMany } from "./watch/max-endpoints.js";
import { usableEndpoints, withoutRepeats } from "./watch/usable-endpoints.js";
import { type WatchEvent, WatchEvents, type WatchOptions } from "./watch/watch-events.js";

export interface RegistryOptions {
	/**
	 * Settings of providers by name, with the keys that `providers:` has in a config file, such as
	 * `{dns: {servers: ["127.0.0.1:5353"]}}`. Another name with a `type` is another instance, and
	 * its scheme.
	 */
	readonly providers?: Readonly<Record<string, object>>;
}

export interface DiscoverOptions {
	/** Ends the waiting, with its reason as the error. */
	readonly signal?: AbortSignal;
	/**
	 * Milliseconds after which the source counts as failed; 15 s unless given, none if there is a
	 * signal instead.
	 */
	readonly timeout?: number;
}

const DISCOVER_LIMIT_MS = 15_000;

/**
 * Which provider serves which scheme. A new registry has the built-in providers; register() adds
 * others. No provider does anything before it is asked.
 */
export class Registry {
	/** Endpoints that one target may bring; an answer with more counts as a failure. */
	maxEndpoints = DEFAULT_MAX_ENDPOINTS;
	readonly #providers = new Map<string, Provider>();

	/** @throws InvalidConfig with every problem of the settings at once. */
	constructor({ providers }: RegistryOptions = {}) {
		const instances = new Map(PROVIDER_KINDS.map((kind) => [kind.type, { kind, options: kind.options.parse({}) }]));
		const given = providers ? readProviderSettings(providers) : [];
		for (const [name, { kind, options }] of [...instances, ...given]) {
			const provider = createProvider(kind, options);
			for (const scheme of schemesOf(name, kind)) this.register(scheme, provider);
		}
	}

	/**
	 * Makes the provider serve the scheme from now on, in place of the one that did.
	 * @param scheme without `://`: a letter, then letters, digits and `+ . -`; lower and upper case
	 *   are the same.
	 * @throws InvalidTarget for a scheme of another form.
	 */
	register(scheme: string, provider: Provider): this {
		const name = scheme.toLowerCase();
		if (!isScheme(name)) {
			throw new InvalidTarget(`"${scheme}" is not a scheme; expected letters, digits and + . - after a letter`);
		}
		this.#providers.set(name, provider);
		return this;
	}

	/** Makes no provider serve the scheme. Running watches continue. */
	unregister(scheme: string): void {
		this.#providers.delete(scheme.toLowerCase());
	}

	/** The scheme's provider, if there is one. */
	find(scheme: string): Provider | undefined {
		return this.#providers.get(scheme.toLowerCase());
	}

	/** The schemes that are served, sorted. */
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
	 * The target's provider. For an unknown scheme: one that tells the observer so, as a failure.
	 */
	watcher(target: Target): Pick<Provider, "watch"> {
		const provider = this.#providers.get(target.scheme);
		if (provider) return provider;
		const error = new UnsupportedScheme(target.scheme, this.schemes);
		return { watch: (_, observer) => observer.failed(error) };
	}

	/**
	 * Reads a target and lets its provider check it; no I/O.
	 * @throws InvalidTarget, UnsupportedScheme
	 */
	parse(text: string): Target {
		const target = parseTarget(text);
		this.check(target);
		return target;
	}

	/** @throws InvalidTarget, UnsupportedScheme if its provider cannot serve the target; no I/O. */
	check(target: Target): void {
		const problem = this.provider(target).check?.(target);
		if (problem !== undefined) throw invalidTarget(target, problem);
	}

	/**
	 * Looks once. Host names are replaced by their addresses where a provider for `dns` is
	 * registered.
	 * @returns the endpoints in canonical order, each address once; empty if the source says that
	 *   there are none.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it
	 *   cannot be asked or does not answer in time, UnsupportedScheme, InvalidTarget; the signal's
	 *   reason if it fires.
	 */
	async discover(target: string | Target, options: DiscoverOptions = {}): Promise<readonly Endpoint[]> {
		const { signal, timeout = signal ? undefined : DISCOVER_LIMIT_MS } = options;
		const parsed = this.#parsed(target);
		const provider = this.provider(parsed);
		signal?.throwIfAborted();
		try {
			const late = () => new SourceFailed(`"${parsed.text}": no answer within ${formatDuration(timeout ?? 0)}`);
			const list = await withinLimit({ ms: timeout, late, signal }, (end) => this.#look(provider, parsed, end));
			if (list.length > this.maxEndpoints) throw tooMany(list.length, this.maxEndpoints);
			return withoutRepeats(usableEndpoints(list).endpoints);
		} catch (error) {
			signal?.throwIfAborted();
			if (error instanceof FingerpostError) throw error;
			throw new SourceFailed(`"${parsed.text}": ${messageOf(error)}`, { cause: error });
		}
	}

	/**
	 * The present endpoints, then each change, until the signal fires or the loop is left. It holds
	 * only the newest state: a slow reader gets what it missed as one event. The watch starts when
	 * the first event is requested.
	 * @throws UnsupportedScheme, InvalidTarget at once, not at the first event.
	 */
	watch(target: string | Target, options: WatchOptions = {}): AsyncIterableIterator<WatchEvent> {
		const parsed = this.#parsed(target);
		return new WatchEvents(this.provider(parsed), parsed, { ...options, maxEndpoints: () => this.maxEndpoints });
	}

	/**
	 * A hint to look again now, taken no more often than the provider's minimum interval.
	 * @throws UnsupportedScheme, InvalidTarget
	 */
	refresh(target: string | Target): void {
		const parsed = this.#parsed(target);
		this.provider(parsed).refresh?.(parsed);
	}

	async #look(provider: Provider, target: Target, signal: AbortSignal): Promise<readonly Endpoint[]> {
		const list = await provider.discover(target, { signal });
		const dns = this.find("dns");
		return dns ? resolveHosts(list, (host) => dns.discover(host, { signal })) : list;
	}

	#parsed(target: string | Target): Target {
		return typeof target === "string" ? this.parse(target) : target;
	}
}
