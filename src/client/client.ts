import { asItIs, HostWatches } from "../catalog/host-watches.js";
import { inCanonicalOrder } from "../model/canonical-order.js";
import { type DiscoveredEndpoint, discovered } from "../model/discovered-endpoint.js";
import { addressOf, type Endpoint } from "../model/endpoint.js";
import { parseTarget, type Target } from "../model/target.js";
import { trafficWeights } from "../model/traffic/traffic-weights.js";
import type { Provider } from "../providers/provider.js";
import { Registry } from "../providers/registry.js";
import { TargetWatch } from "../providers/watch/target-watch.js";
import { withoutRepeats } from "../providers/watch/usable-endpoints.js";
import { FingerpostError } from "../util/errors.js";
import { tell } from "../util/tell.js";
import { NoReadyEndpoints } from "./no-ready-endpoints.js";
import { WeightedRoundRobin } from "./weighted-round-robin.js";

/** An endpoint to send a request to. */
export interface ReadyEndpoint extends DiscoveredEndpoint {
	readonly ready: true;
}

export interface ClientOptions {
	/** Where the target's scheme is looked up; the providers that Fingerpost brings unless given. */
	readonly registry?: Registry;
	/** The provider that serves the target, whatever its scheme. It wins over `registry`. */
	readonly provider?: Provider;
	/** Told when the source begins to fail after connect(), and when it fails otherwise; the last endpoints stay in use. */
	readonly onError?: (error: FingerpostError) => void;
}

export interface ConnectOptions {
	/** Ends the waiting, with its reason as the error; without it, it ends after 15 s. */
	readonly signal?: AbortSignal;
}

interface Choice {
	readonly endpoint: ReadyEndpoint;
	readonly weight: number;
}

const CONNECT_LIMIT_MS = 15_000;

/**
 * Keeps the endpoints of one target and gives one for each request: round robin by weight over the ready endpoints of
 * the best priority that has any.
 */
export class Client implements Disposable {
	readonly target: Target;
	readonly #registry: Registry;
	readonly #onError: ClientOptions["onError"];
	readonly #choice = new WeightedRoundRobin<Choice>(({ endpoint }) => addressOf(endpoint));
	readonly #end = new AbortController();
	#endpoints: readonly DiscoveredEndpoint[] = [];
	/** What these were made of. */
	#used: readonly Endpoint[] | undefined;
	#watch: TargetWatch | undefined;
	readonly #hosts: HostWatches;
	#resolving = false;

	/** @throws InvalidTarget; UnsupportedScheme if neither the registry nor the provider serves the target. */
	constructor(target: string, { registry, provider, onError }: ClientOptions = {}) {
		this.#registry = provider
			? new Registry().register(parseTarget(target).scheme, provider)
			: (registry ?? new Registry());
		this.target = this.#registry.parse(target);
		this.#onError = onError && ((error) => tell(onError, error));
		this.#hosts = new HostWatches(this.#registry, () => this.#follow(), this.#onError);
	}

	/** The present endpoints, ready or not, in canonical order; empty before connect() and after close(). */
	get endpoints(): readonly DiscoveredEndpoint[] {
		return this.#endpoints;
	}

	/**
	 * Looks the target up, then keeps watching it until close(). It may be tried again after a failure; once connected,
	 * it does nothing more.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it cannot be asked or does
	 *   not answer in time, FingerpostError CLOSED after close(); the signal's reason if it fires.
	 */
	async connect({ signal }: ConnectOptions = {}): Promise<this> {
		this.#mustBeOpen();
		if (this.#watch) return this;
		const found = await this.#lookUp(signal);
		// Another call may have been faster; what its watch says by now is newer.
		if (this.#watch) return this;
		this.#use(found);
		const watch = new TargetWatch(this.target, () => this.#follow(), {
			onError: this.#onError,
			maxEndpoints: () => this.#registry.mostEndpoints(this.target),
		});
		this.#watch = watch;
		watch.start(this.#registry.watcher(this.target));
		return this;
	}

	/**
	 * The endpoint for the next request.
	 * @throws NoReadyEndpoints if there is none, also before connect(); FingerpostError CLOSED after close().
	 */
	next(): ReadyEndpoint {
		const choice = this.#choice.next();
		if (choice) return choice.endpoint;
		this.#mustBeOpen();
		throw new NoReadyEndpoints(this.target.text, this.#why());
	}

	/** Hints the source to look again now, as after a request that failed. */
	refresh(): void {
		this.#registry.refresh(this.target);
	}

	/** Ends the watch and frees it; a connect() that waits fails. */
	close(): void {
		this.#end.abort();
		this.#watch?.stop();
		this.#hosts.stop();
		this.#use([]);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async #lookUp(signal: AbortSignal | undefined): Promise<readonly Endpoint[]> {
		const ended = this.#end.signal;
		const either = signal ? AbortSignal.any([signal, ended]) : ended;
		try {
			const limit = signal ? {} : { timeout: CONNECT_LIMIT_MS };
			return await this.#registry.discover(this.target, { signal: either, ...limit });
		} finally {
			this.#mustBeOpen();
		}
	}

	/** Takes over what the watch has, with addresses in place of host names, as connect() has found them. */
	#follow(): void {
		const list = this.#watch?.endpoints;
		// An answer that comes at once is seen by the call that asks for it.
		if (!list || this.#resolving) return;
		this.#resolving = true;
		const { endpoints, waiting } = this.#registry.find("dns") ? this.#hosts.resolve(list) : asItIs(list);
		this.#hosts.prune();
		this.#resolving = false;
		if (!endpoints) return;
		// What is known of a name stays until DNS has answered again.
		const kept = waiting.length === 0 ? [] : (this.#used ?? []).filter((e) => waiting.some((named) => isOf(named, e)));
		this.#use(inCanonicalOrder(withoutRepeats(kept.length === 0 ? endpoints : [...endpoints, ...kept])));
	}

	#use(endpoints: readonly Endpoint[]): void {
		if (endpoints === this.#used) return;
		this.#used = endpoints;
		this.#endpoints = discovered(endpoints);
		const ready = this.#endpoints.filter((e): e is ReadyEndpoint => e.ready);
		const best = ready.reduce((least, e) => Math.min(least, e.priority), Number.POSITIVE_INFINITY);
		const usable = ready.filter((e) => e.priority === best);
		const weightOf = trafficWeights(usable);
		this.#choice.set(usable.map((endpoint) => ({ endpoint, weight: weightOf(endpoint) })));
	}

	#why(): string {
		if (!this.#watch) return "it is not connected; await connect() first";
		const total = this.#endpoints.length;
		return total === 0 ? "it has no endpoints" : `none of its ${total} endpoints is ready`;
	}

	#mustBeOpen(): void {
		if (!this.#end.signal.aborted) return;
		throw new FingerpostError("CLOSED", `the client of ${this.target.text} is closed; create another`);
	}
}

/** Whether the endpoint is at an address of the name. */
function isOf(named: Endpoint, { hostname, port }: Endpoint): boolean {
	return hostname === (named.hostname ?? named.address) && port === named.port;
}
