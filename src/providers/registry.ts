import type { Endpoint } from "../model/endpoint.js";
import { parseTarget, type Target } from "../model/target.js";
import { formatDuration } from "../util/duration.js";
import { FingerpostError, InvalidTarget, messageOf, SourceFailed, UnsupportedScheme } from "../util/errors.js";
import { resolveHosts } from "./host-endpoints.js";
import type { Provider } from "./provider.js";
import { DEFAULT_MAX_ENDPOINTS, tooMany } from "./watch/max-endpoints.js";
import { usableEndpoints, withoutRepeats } from "./watch/usable-endpoints.js";
import { type WatchEvent, WatchEvents, type WatchOptions } from "./watch/watch-events.js";

export interface DiscoverOptions {
	/** Ends the waiting, with its reason as the error. */
	readonly signal?: AbortSignal;
	/** Milliseconds after which the source counts as failed; 15 s unless given, none if there is a signal instead. */
	readonly timeout?: number;
}

const DISCOVER_LIMIT_MS = 15_000;

/** Which provider serves which scheme. */
export class Registry {
	/** Endpoints that one target may bring; an answer with more counts as a failure. */
	maxEndpoints = DEFAULT_MAX_ENDPOINTS;
	readonly #providers = new Map<string, Provider>();

	/**
	 * Makes the provider serve the scheme's targets from now on; a provider that served them before is replaced.
	 * @param scheme without `://`: a letter, then letters, digits and `+ . -`; lower and upper case are the same.
	 * @throws InvalidTarget for a scheme of another form.
	 */
	register(scheme: string, provider: Provider): this {
		const name = scheme.toLowerCase();
		if (!/^[a-z][a-z0-9+.-]*$/.test(name)) {
			throw new InvalidTarget(`"${scheme}" is no scheme; expected letters, digits and + . - after a letter`);
		}
		this.#providers.set(name, provider);
		return this;
	}

	/** No provider serves the scheme's targets any more; watches that run go on. */
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
	 * Looks once. Host names are replaced by their addresses where a provider for `dns` is registered.
	 * @returns the endpoints in canonical order, each address once; empty if the source says that there are none.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it cannot be asked or
	 *   does not answer in time, UnsupportedScheme, InvalidTarget; the signal's reason if it fires.
	 */
	async discover(target: string | Target, options: DiscoverOptions = {}): Promise<readonly Endpoint[]> {
		const { signal, timeout = signal ? undefined : DISCOVER_LIMIT_MS } = options;
		const parsed = this.#parsed(target);
		const provider = this.provider(parsed);
		const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
		const end = AbortSignal.any([signal ?? [], limit ?? []].flat());
		end.throwIfAborted();
		try {
			const list = await untilAborted(this.#look(provider, parsed, end), end);
			if (list.length > this.maxEndpoints) throw tooMany(list.length, this.maxEndpoints);
			return withoutRepeats(usableEndpoints(list).endpoints);
		} catch (error) {
			signal?.throwIfAborted();
			if (limit?.aborted) {
				throw new SourceFailed(`"${parsed.text}": no answer within ${formatDuration(timeout ?? 0)}`, { cause: error });
			}
			if (error instanceof FingerpostError) throw error;
			throw new SourceFailed(`"${parsed.text}": ${messageOf(error)}`, { cause: error });
		}
	}

	/**
	 * The present endpoints, then each change, until the signal fires or the loop over it is left. It holds the newest
	 * state only: what a slow reader missed is one event. It begins to watch when the first event is asked for.
	 * @throws UnsupportedScheme, InvalidTarget at once, not at the first event.
	 */
	watch(target: string | Target, options: WatchOptions = {}): AsyncIterableIterator<WatchEvent> {
		const parsed = this.#parsed(target);
		this.provider(parsed);
		return new WatchEvents(this, parsed, options);
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

/** As the promise, but no later than the signal: a provider may be anybody's, and forget it. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const stop = () => reject(signal.reason);
	signal.addEventListener("abort", stop, { once: true });
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener("abort", stop);
	}
}
