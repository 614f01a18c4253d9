import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { ServiceNotFound } from "../../util/errors.js";
import { HttpClient } from "../http-client/http-client.js";
import { Poll } from "../poll/poll.js";
import { SharedPolls } from "../poll/shared-polls.js";
import type { Provider, RegistryObserver, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { type CatalogAnswer, CatalogQuery } from "./catalog-query.js";
import { ConsulClient, type Parameters } from "./consul-client.js";
import { type ConsulEndpoints, consulEndpoints, noInstance } from "./consul-endpoints.js";
import type { ConsulOptions } from "./consul-options.js";
import { ConsulServices } from "./consul-services.js";
import { type ConsulTarget, readConsulRegistry, readConsulTarget } from "./consul-target.js";
import { HealthQuery, type ServiceHealth } from "./health-query.js";
import { QueryTurns } from "./query-turns.js";

/** Between two queries of a service: milliseconds. What changes meanwhile comes with the next one. */
const MIN_INTERVAL_MS = 20;
/** The waits after failures: at least a second, so that a service costs an agent no more than a request a second. */
const BACKOFF = { min: 1_000, base: 2_000, max: 30_000 };

/** How long a service that has become empty stays as it was while a whole registry is watched, in milliseconds. */
const EMPTY_MS = 1_000;

const FILTERED = "Consul leaves instances out whose nodes the token may not read: allow node:read";

/** `consul:///service`: the instances of a service and their health, by one blocking query for each service. */
export class ConsulProvider implements Provider {
	readonly #options: ConsulOptions;
	readonly #client: ConsulClient;
	readonly #turns: QueryTurns;
	readonly #polls = new SharedPolls<ServiceHealth>();
	/** How many whole registries are watched. */
	#registries = 0;

	constructor(options: ConsulOptions) {
		this.#options = options;
		const http = new HttpClient({ ...options, tokenHeaders: (token) => ({ "x-consul-token": token }) });
		this.#client = new ConsulClient(http, {
			address: options.address.replace(/\/+$/, ""),
			hasToken: options.token !== undefined || options.tokenFile !== undefined,
		});
		this.#turns = new QueryTurns(options.maxQueries);
	}

	/**
	 * Asks once.
	 * @throws ServiceNotFound if Consul has no instance of it, SourceFailed if it does not answer or the token may not
	 *   read it, InvalidTarget, the signal's reason.
	 */
	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const read = readOrThrow(target, readConsulTarget);
		const letGo = this.#client.hold();
		try {
			const { endpoints, notes } = this.#endpointsOf(await this.#query(read).next(signal), read);
			if (endpoints.length > 0) return endpoints;
			throw new ServiceNotFound(`"${target.text}": ${notes[0] ?? noInstance(read.service, read.tags)}`);
		} finally {
			letGo();
		}
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readConsulTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		let known: (ConsulEndpoints & Pick<ServiceHealth, "entries" | "filtered">) | undefined;
		const tellAnswer = (answer: ServiceHealth) => {
			const { entries, filtered } = answer;
			if (known?.entries !== entries || known.filtered !== filtered) {
				known = { entries, filtered, ...this.#endpointsOf(answer, read) };
			}
			observer.endpoints(known.endpoints, { notes: known.notes });
		};
		let held: NodeJS.Timeout | undefined;
		const tell = () => {
			clearTimeout(held);
			const { answer, error } = share.poll;
			if (error) observer.failed(error);
			// A service that goes may be empty here before the catalog says that it is gone: clients keep it as it was.
			else if (answer && answer.entries.length === 0 && known?.entries.length && this.#registries > 0)
				held = setTimeout(() => tellAnswer(answer), EMPTY_MS);
			else if (answer) tellAnswer(answer);
		};
		const letGo = this.#client.hold();
		const share = this.#polls.share(this.#keyOf(read), tell, () => this.#poll(read));
		const end = () => {
			clearTimeout(held);
			share.release();
			letGo();
		};
		signal.addEventListener("abort", end, { once: true });
		// Another watch of the service may have an answer or a failure already.
		const { answer, error } = share.poll;
		if (answer) tellAnswer(answer);
		if (error && !signal.aborted) observer.failed(error);
	}

	watchAll(target: Target, observer: RegistryObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readConsulRegistry(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		// A filter is one of instances.
		const { filter: _, near: __, ...parameters } = this.#parametersOf(read);
		const services = new ConsulServices(read, parameters.ns);
		const options = { client: this.#client, turns: this.#turns, parameters, datacenter: parameters.dc };
		const query = new CatalogQuery(options);
		const poll = new Poll<CatalogAnswer>((until, previous) => query.next(until, previous), {
			...{ interval: 0, minInterval: MIN_INTERVAL_MS, maxInterval: 60_000, backoff: BACKOFF },
			maxAge: ({ pause }) => pause,
		});
		const tell = () => {
			const { answer, error } = poll;
			if (error) observer.failed(error);
			else if (answer) observer.services(services.of(answer));
		};
		const letGo = this.#client.hold();
		this.#registries++;
		const end = () => {
			poll.remove(tell);
			this.#registries--;
			letGo();
		};
		signal.addEventListener("abort", end, { once: true });
		poll.add(tell);
	}

	#poll(read: ConsulTarget): Poll<ServiceHealth> {
		const query = this.#query(read);
		return new Poll((signal, previous) => query.next(signal, previous), {
			...{ interval: 0, minInterval: MIN_INTERVAL_MS, maxInterval: 60_000, backoff: BACKOFF },
			maxAge: ({ pause }) => pause,
		});
	}

	#query(read: ConsulTarget): HealthQuery {
		return new HealthQuery({
			...{ client: this.#client, turns: this.#turns, service: read.service, parameters: this.#parametersOf(read) },
			crowded: () => this.#polls.size > this.#turns.limit,
		});
	}

	/** Targets that differ in their tags only have one query. */
	#keyOf(read: ConsulTarget): string {
		return JSON.stringify([read.service, this.#parametersOf(read)]);
	}

	#parametersOf({ parameters }: Pick<ConsulTarget, "parameters">): Parameters {
		const { datacenter, namespace, partition, stale } = this.#options;
		return {
			...(datacenter !== undefined && { dc: datacenter }),
			...(namespace !== undefined && { ns: namespace }),
			...(partition !== undefined && { partition }),
			...Object.fromEntries(Object.entries(parameters).toSorted()),
			...(stale && { stale: "" }),
		};
	}

	#endpointsOf({ entries, filtered }: ServiceHealth, read: ConsulTarget): ConsulEndpoints {
		const { endpoints, notes } = consulEndpoints(entries, read, this.#options.warning);
		return { endpoints, notes: filtered ? [...notes, FILTERED] : notes };
	}
}
