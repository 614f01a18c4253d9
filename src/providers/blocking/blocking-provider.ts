import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { ServiceNotFound } from "../../util/errors.js";
import { Poll } from "../poll/poll.js";
import { SharedPolls } from "../poll/shared-polls.js";
import type { DiscoverLimits, Provider, ProviderWatchOptions, RegistryObserver, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { DEFAULT_MAX_ENDPOINTS } from "../watch/max-endpoints.js";
import { Feeds } from "./feeds.js";
import type { BlockingSource, EndpointsRead, Parameters } from "./query/blocking-source.js";
import { QueryTurns } from "./query/query-turns.js";
import { type ServiceAnswer, ServiceQuery } from "./query/service-query.js";
import { type ServicesAnswer, ServicesQuery } from "./query/services-query.js";
import { RegistryServices } from "./registry-services.js";
import type { ServiceRegistry, ServiceTarget } from "./service-target.js";
import { ServiceTeller } from "./service-teller.js";
import { WatchedService } from "./watched-service.js";

/** Between two queries of a service: milliseconds. What changes meanwhile comes with the next one. */
export const MIN_INTERVAL_MS = 20;
/** The waits after failures: at least a second, so that a service costs an agent no more than a request a second. */
const BACKOFF = { min: 1_000, base: 2_000, max: 30_000 };
/** With fewer queries at once none keeps its turn. */
const FEW_TURNS = 8;

/** What makes a provider of a source that knows blocking queries. */
export interface BlockingProviderOptions<Entry> {
	readonly source: BlockingSource<Entry>;
	/** How many queries run at once. */
	readonly maxQueries: number;
	readonly readTarget: (target: Target) => ServiceTarget | string;
	readonly readRegistry: (target: Target) => ServiceRegistry | string;
	/** The options of all queries that are not those of a target. */
	readonly parameters: Parameters;
	/** The option of a target that is a namespace, and the one that is a datacenter. */
	readonly namespaceOption: string;
	readonly datacenterOption?: string;
	/** Options of the queries for a service that those for the list do not know. */
	readonly serviceOptions: readonly string[];
	/** A service that is in every list, and is the source's own. */
	readonly own?: string;
	/** @throws SourceFailed if there are more than `most`, before they are made. */
	endpointsOf(entries: readonly Entry[], target: ServiceTarget, most: number): EndpointsRead;
	/** The note that instances were left out, where the source says so. */
	readonly filteredNote?: string;
}

/** `scheme:///service`: the instances of a service, by one blocking query for each service. */
export class BlockingProvider<Entry> implements Provider {
	readonly live = true;
	readonly #options: BlockingProviderOptions<Entry>;
	readonly #turns: QueryTurns;
	readonly #polls = new SharedPolls<ServiceAnswer<Entry>>();
	readonly #services = new Map<string, WatchedService<Entry>>();
	readonly #lists = new SharedPolls<ServicesAnswer>();
	readonly #feeds: Feeds;
	/** How many whole registries are watched. */
	#registries = 0;

	constructor(options: BlockingProviderOptions<Entry>) {
		this.#options = options;
		this.#turns = new QueryTurns(options.maxQueries);
		this.#feeds = new Feeds({
			...{ source: options.source, turns: this.#turns },
			services: (parameters, listener) => this.#list(parameters, listener),
			takesTurns: () => this.#polls.size > options.maxQueries,
			worthIt: options.maxQueries >= FEW_TURNS,
		});
	}

	/**
	 * Asks once.
	 * @throws ServiceNotFound if there is no instance of it, SourceFailed if the source does not answer or the token may not
	 *   read it, InvalidTarget, the signal's reason.
	 */
	async discover(target: Target, { signal, maxEndpoints }: DiscoverLimits): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const read = readOrThrow(target, this.#options.readTarget);
		const most = maxEndpoints ?? (() => DEFAULT_MAX_ENDPOINTS);
		const letGo = this.#options.source.hold();
		const watched = new WatchedService<Entry>(read.service, this.#options.source.nodeOf);
		watched.add(read, most);
		try {
			const answer = await this.#query(read, watched).next(signal);
			const { endpoints, notes } = this.#endpointsOf(answer, read, most());
			if (endpoints.length > 0) return endpoints;
			throw new ServiceNotFound(`"${target.text}": ${notes[0]}`);
		} finally {
			letGo();
		}
	}

	watch(target: Target, observer: TargetObserver, { signal, maxEndpoints }: ProviderWatchOptions): void {
		if (signal.aborted) return;
		const read = this.#options.readTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const most = maxEndpoints ?? (() => DEFAULT_MAX_ENDPOINTS);
		const key = this.#keyOf(read);
		const watched = this.#services.get(key) ?? new WatchedService<Entry>(read.service, this.#options.source.nodeOf);
		this.#services.set(key, watched);
		const forget = watched.add(read, most);
		const told = new ServiceTeller<Entry>(observer, {
			endpointsOf: (answer) => this.#endpointsOf(answer, read, most()),
			isOfRegistry: () => this.#registries > 0,
		});
		const letGo = this.#options.source.hold();
		const share = this.#polls.share(
			key,
			() => told.next(share.poll),
			() => this.#poll(read, watched),
		);
		watched.poll = share.poll;
		const end = () => {
			told.stop();
			forget();
			share.release();
			if (!this.#polls.get(key)) {
				this.#services.delete(key);
				this.#feeds.remove(watched);
			}
			letGo();
		};
		signal.addEventListener("abort", end, { once: true });
		// Another watch of the service may have an answer or a failure already.
		const { answer, error } = share.poll;
		if (answer) told.answer(answer);
		if (error && !signal.aborted) observer.failed(error);
	}

	watchAll(target: Target, observer: RegistryObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = this.#options.readRegistry(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const parameters = this.#listParameters(read);
		const { own, namespaceOption } = this.#options;
		const services = new RegistryServices(read, { own, namespace: parameters[namespaceOption] });
		const tell = () => {
			const { answer, error } = share.poll;
			if (error) observer.failed(error);
			else if (answer) observer.services(services.of(answer));
		};
		const letGo = this.#options.source.hold();
		this.#registries++;
		const share = this.#list(parameters, tell);
		const end = () => {
			share.release();
			this.#registries--;
			letGo();
		};
		signal.addEventListener("abort", end, { once: true });
		if (share.poll.settled) tell();
	}

	#list(parameters: Parameters, listener: () => void) {
		return this.#lists.share(JSON.stringify(parameters), listener, () => {
			const { source, own, maxQueries, datacenterOption = "" } = this.#options;
			const query = new ServicesQuery({
				...{ source, turns: this.#turns, parameters, datacenter: parameters[datacenterOption] },
				...{ mayBeEmpty: own === undefined, keeps: maxQueries >= FEW_TURNS },
			});
			return new Poll<ServicesAnswer>((until, previous) => query.next(until, previous), {
				...{ interval: 0, minInterval: MIN_INTERVAL_MS, maxInterval: 60_000, backoff: BACKOFF },
				maxAge: ({ pause }) => pause,
			});
		});
	}

	#poll(read: ServiceTarget, watched: WatchedService<Entry>): Poll<ServiceAnswer<Entry>> {
		const query = this.#query(read, watched);
		return new Poll((signal, previous) => query.next(signal, previous), {
			...{ interval: 0, minInterval: MIN_INTERVAL_MS, maxInterval: 60_000, backoff: BACKOFF },
			maxAge: ({ pause }) => pause,
		});
	}

	#query(read: ServiceTarget, watched: WatchedService<Entry>): ServiceQuery<Entry> {
		const { source } = this.#options;
		return new ServiceQuery({
			...{ source, turns: this.#turns, service: read.service, parameters: this.#parametersOf(read) },
			pace: () => this.#feeds.paceOf(watched, this.#listParameters(read)),
			...{ most: () => watched.most, onAsked: (found) => this.#feeds.asked(watched, found) },
		});
	}

	/** Targets that differ in their tags only have one query. */
	#keyOf(read: ServiceTarget): string {
		return JSON.stringify([read.service, this.#parametersOf(read)]);
	}

	#parametersOf({ parameters }: Pick<ServiceTarget, "parameters">): Parameters {
		return { ...this.#options.parameters, ...Object.fromEntries(Object.entries(parameters).toSorted()) };
	}

	#listParameters(read: Pick<ServiceTarget, "parameters">): Parameters {
		const { serviceOptions } = this.#options;
		const all = Object.entries(this.#parametersOf(read));
		return Object.fromEntries(all.filter(([name]) => !serviceOptions.includes(name)));
	}

	#endpointsOf({ entries, filtered }: ServiceAnswer<Entry>, read: ServiceTarget, most: number): EndpointsRead {
		const { endpoints, notes } = this.#options.endpointsOf(entries, read, most);
		const { filteredNote = "instances are left out that the token may not read" } = this.#options;
		return { endpoints, notes: filtered ? [...notes, filteredNote] : notes };
	}
}
