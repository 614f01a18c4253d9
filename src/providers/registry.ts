import { type DiscoveredEndpoint, discovered } from "../model/discovered-endpoint.js";
import type { Endpoint } from "../model/endpoint.js";
import { isScheme, parseTarget, type Target } from "../model/target.js";
import { formatDuration } from "../util/duration.js";
import { FingerpostError, InvalidTarget, messageOf, SourceFailed, UnsupportedScheme } from "../util/errors.js";
import { inSlices } from "../util/steps.js";
import { didYouMean } from "../util/text/suggest.js";
import { withinLimit } from "../util/time-limit.js";
import { resolveWith } from "./host-endpoints.js";
import type { Provider } from "./provider.js";
import { createProvider, schemesOf } from "./provider-kind.js";
import { PROVIDER_KINDS } from "./provider-kinds.js";
import { type ProviderSettings, readProviderSettings } from "./provider-settings.js";
import { invalidTarget } from "./read-target.js";
import { DEFAULT_MAX_ENDPOINTS, tooMany } from "./watch/max-endpoints.js";
import { usableInSteps, withoutRepeats } from "./watch/usable-endpoints.js";
import { type WatchEvent, WatchEvents, type WatchOptions } from "./watch/watch-events.js";

export interface RegistryOptions {
	/**
	 * Settings of providers by name, with the keys that `providers:` has in a config file, such as
	 * `{dns: {servers: ["127.0.0.1:5353"]}}`. Another name with a `type` is another instance, and
	 * its scheme.
	 */
	readonly providers?: Readonly<Record<string, object>> | ReadonlyMap<string, ProviderSettings>;
}

/** Services by their names: what finds one is a provider whose targets are the names. */
export interface ServiceNames extends Provider {
	has(name: string): boolean;
	names(): Iterable<string>;
}

/** The scheme of a service's name, which has none. */
const NO_SCHEME = "";

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
	#services: ServiceNames | undefined;

	/** @throws InvalidConfig with every problem of the settings at once. */
	constructor({ providers }: RegistryOptions = {}) {
		const instances = new Map(PROVIDER_KINDS.map((kind) => [kind.type, { kind, options: kind.options.parse({}) }]));
		const given = isRead(providers) ? providers : providers ? readProviderSettings(providers) : [];
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

	/** From now on a text that is the name of one of these services is no target but the service. */
	useNames(services: ServiceNames): this {
		this.#services = services;
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
		const provider = this.#find(target);
		if (!provider) throw new UnsupportedScheme(target.scheme, this.schemes);
		return provider;
	}

	/**
	 * The target's provider. For an unknown scheme: one that tells the observer so, as a failure.
	 */
	watcher(target: Target): Pick<Provider, "watch"> {
		const provider = this.#find(target);
		if (provider) return provider;
		const error = new UnsupportedScheme(target.scheme, this.schemes);
		return { watch: (_, observer) => observer.failed(error) };
	}

	/**
	 * Reads a target and lets its provider check it, or takes the name of a service; no I/O.
	 * @throws InvalidTarget, UnsupportedScheme
	 */
	parse(text: string): Target {
		const target = this.#services ? readName(text, this.#services) : parseTarget(text);
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
	 * registered. Of a service each target is asked, and must answer.
	 * @param target or the name of a service.
	 * @returns the endpoints in canonical order, each address once, with their URLs and whether they
	 *   are ready; empty if the source says that there are none.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it
	 *   cannot be asked or does not answer in time, UnsupportedScheme, InvalidTarget; the signal's
	 *   reason if it fires.
	 */
	async discover(target: string | Target, options: DiscoverOptions = {}): Promise<readonly DiscoveredEndpoint[]> {
		const { signal, timeout = signal ? undefined : DISCOVER_LIMIT_MS } = options;
		const parsed = this.#parsed(target);
		const provider = this.provider(parsed);
		signal?.throwIfAborted();
		try {
			const late = () => new SourceFailed(`"${parsed.text}": no answer within ${formatDuration(timeout ?? 0)}`);
			const list = await withinLimit({ ms: timeout, late, signal }, (end) => this.#look(provider, parsed, end));
			const most = this.mostEndpoints(parsed);
			if (list.length > most) throw tooMany(list.length, most);
			return discovered(withoutRepeats((await inSlices(usableInSteps(list), signal)).endpoints));
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
		return new WatchEvents(this.provider(parsed), parsed, {
			...options,
			maxEndpoints: () => this.mostEndpoints(parsed),
		});
	}

	/**
	 * A hint to look again now, taken no more often than the provider's minimum interval.
	 * @throws UnsupportedScheme, InvalidTarget
	 */
	refresh(target: string | Target): void {
		const parsed = this.#parsed(target);
		this.provider(parsed).refresh?.(parsed);
	}

	/** Endpoints that the target may bring at the moment; those of a service have limits of their own. */
	mostEndpoints(target: Target): number {
		return target.scheme === NO_SCHEME ? Number.POSITIVE_INFINITY : this.maxEndpoints;
	}

	#find({ scheme, text }: Target): Provider | undefined {
		if (scheme !== NO_SCHEME) return this.#providers.get(scheme);
		return this.#services?.has(text) ? this.#services : undefined;
	}

	async #look(provider: Provider, target: Target, signal: AbortSignal): Promise<readonly Endpoint[]> {
		const maxEndpoints = () => this.mostEndpoints(target);
		return resolveWith(this.find("dns"), await provider.discover(target, { signal, maxEndpoints }), signal);
	}

	#parsed(target: string | Target): Target {
		return typeof target === "string" ? this.parse(target) : target;
	}
}

function isRead(
	providers: RegistryOptions["providers"],
): providers is Extract<RegistryOptions["providers"], ReadonlyMap<string, ProviderSettings>> {
	return providers instanceof Map;
}

/** @throws InvalidTarget */
function readName(text: string, services: ServiceNames): Target {
	if (services.has(text)) return { text, scheme: NO_SCHEME, authority: "", path: "", query: new URLSearchParams() };
	try {
		return parseTarget(text);
	} catch (error) {
		if (text.includes("://")) throw error;
		const meant = didYouMean(text, services.names());
		throw new InvalidTarget(`"${text}" is neither a target, such as scheme://… or host:port, nor a service${meant}`);
	}
}
