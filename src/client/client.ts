import { addressOf, type Endpoint, readyEndpoints } from "../model/endpoint.js";
import { parseTarget, type Target } from "../model/target.js";
import type { Provider } from "../providers/provider.js";
import { Registry } from "../providers/registry.js";
import { TargetWatch } from "../providers/target-watch.js";
import { FingerpostError } from "../util/errors.js";
import { WeightedRoundRobin } from "./weighted-round-robin.js";

/** There is no endpoint that may get traffic. */
export class NoReadyEndpoints extends FingerpostError {
	constructor(target: string, total: number) {
		const why = total === 0 ? "it has no endpoints" : `none of its ${total} endpoints is ready`;
		super("NO_READY_ENDPOINTS", `no ready endpoint for ${target}: ${why}`);
	}
}

/** An endpoint to send a request to. */
export interface ReadyEndpoint extends Endpoint {
	/** `http://address:port`. */
	readonly url: string;
}

export interface ClientOptions {
	/** Where the target's scheme is looked up. Either this or `provider`. */
	readonly registry?: Registry;
	/** The provider that serves the target. */
	readonly provider?: Provider;
	/** Told when the source fails after connect(); the last known endpoints stay in use. */
	readonly onError?: (error: FingerpostError) => void;
}

/** How long connect() waits for the source unless a signal says otherwise: 15 s. */
const CONNECT_LIMIT_MS = 15_000;

/**
 * Keeps the endpoints of one target and gives one for each request: round robin by weight over the ready endpoints of
 * the best priority.
 */
export class Client implements Disposable {
	readonly target: Target;
	readonly #registry: Registry;
	readonly #onError: ((error: FingerpostError) => void) | undefined;
	readonly #choice = new WeightedRoundRobin<ReadyEndpoint>(addressOf);
	#endpoints: readonly Endpoint[] = [];
	#watch: TargetWatch | undefined;
	#closed = false;

	/** @throws InvalidTarget; UnsupportedScheme if neither the registry nor the provider serves the target. */
	constructor(target: string, { registry, provider, onError }: ClientOptions) {
		this.target = parseTarget(target);
		this.#registry = provider ? new Registry().register(this.target.scheme, provider) : (registry ?? new Registry());
		this.#registry.parse(target);
		this.#onError = onError;
	}

	/** The present endpoints, ready or not. */
	get endpoints(): readonly Endpoint[] {
		return this.#endpoints;
	}

	/**
	 * Looks the target up, then keeps watching it.
	 * @param options.signal ends the waiting; without it, it ends after 15 s.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it cannot be asked.
	 */
	async connect({ signal }: { readonly signal?: AbortSignal } = {}): Promise<this> {
		if (this.#closed) throw new FingerpostError("CLOSED", `the client of ${this.target.text} is closed`);
		if (this.#watch) return this;
		const limit = signal ?? AbortSignal.timeout(CONNECT_LIMIT_MS);
		this.#use(await this.#registry.discover(this.target, { signal: limit }));
		if (this.#closed || this.#watch) return this;
		const watch = new TargetWatch(
			this.target,
			() => {
				if (watch.endpoints) this.#use(watch.endpoints);
			},
			this.#onError,
		);
		this.#watch = watch;
		watch.start(this.#registry);
		return this;
	}

	/** The endpoint for the next request. @throws NoReadyEndpoints */
	next(): ReadyEndpoint {
		const endpoint = this.#choice.next();
		if (!endpoint) throw new NoReadyEndpoints(this.target.text, this.#endpoints.length);
		return endpoint;
	}

	/** Hints the source to look again now. */
	refresh(): void {
		this.#registry.refresh(this.target);
	}

	/** Ends the watch and frees it; `next()` then has nothing to give. */
	close(): void {
		this.#closed = true;
		this.#watch?.stop();
		this.#use([]);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	#use(endpoints: readonly Endpoint[]): void {
		if (endpoints === this.#endpoints) return;
		this.#endpoints = endpoints;
		const ready = readyEndpoints(endpoints);
		const best = ready.reduce((least, e) => Math.min(least, e.priority), Number.POSITIVE_INFINITY);
		this.#choice.set(ready.filter((e) => e.priority === best).map((e) => ({ ...e, url: `http://${addressOf(e)}` })));
	}
}
