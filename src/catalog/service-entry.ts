import { type Endpoint, sameEndpoints } from "../model/endpoint.js";
import { type ServiceDefinition, sourceKey } from "../model/service.js";
import type { Registry } from "../providers/registry.js";
import { type TargetStatus, TargetWatch } from "../providers/target-watch.js";
import { type Contribution, mergeEndpoints } from "./merge.js";
import type { ServiceState } from "./service-state.js";

/** Milliseconds each; a reload may change them. */
export interface CatalogTimes {
	/** How long a removed service stays as it was. */
	readonly removalGrace: number;
	/** After how long a service that is still unknown counts as overdue. */
	readonly syncDeadline: number;
}

export interface EntryOptions {
	readonly registry: Registry;
	readonly times: () => CatalogTimes;
	/** Called when the entry's state may have changed. */
	readonly onChange: () => void;
	/** Called when the removal grace is over: the entry is to be forgotten. */
	readonly onGone: () => void;
}

const INLINE = "inline";

/** One service: its watches, and what they amount to. */
export class ServiceEntry {
	readonly #options: EntryOptions;
	#definition: ServiceDefinition;
	#watches: TargetWatch[] = [];
	/** What was last served; it stays until the present targets have answered (unknown is not empty). */
	#endpoints: readonly Endpoint[] | undefined;
	#inlineSince = new Date();
	#overdue = false;
	#deadline: NodeJS.Timeout | undefined;
	#grace: NodeJS.Timeout | undefined;
	/** The state as it stands while the service is being removed. */
	#frozen: ServiceState | undefined;

	constructor(definition: ServiceDefinition, options: EntryOptions) {
		this.#definition = definition;
		this.#options = options;
	}

	get definition(): ServiceDefinition {
		return this.#definition;
	}

	get removing(): boolean {
		return this.#frozen !== undefined;
	}

	start(): void {
		this.#watch(this.#definition);
		this.#deadline = setTimeout(() => {
			this.#overdue = true;
			this.#options.onChange();
		}, this.#options.times().syncDeadline);
	}

	/** Takes over a changed definition; targets that stay keep their watches, and a removal is taken back. */
	redefine(definition: ServiceDefinition): void {
		const restart = this.#frozen !== undefined || sourceKey(definition) !== sourceKey(this.#definition);
		clearTimeout(this.#grace);
		this.#frozen = undefined;
		this.#definition = definition;
		if (restart) this.#watch(definition);
		this.#options.onChange();
	}

	/** The service stays exactly as it is for the removal grace; its sources are not watched any more. */
	remove(): void {
		this.#frozen = { ...this.state(), state: "removing" };
		this.#stopWatches();
		this.#grace = setTimeout(() => this.#options.onGone(), this.#options.times().removalGrace);
		this.#options.onChange();
	}

	stop(): void {
		clearTimeout(this.#deadline);
		clearTimeout(this.#grace);
		this.#stopWatches();
	}

	state(): ServiceState {
		if (this.#frozen) return this.#frozen;
		const definition = this.#definition;
		const { contributions, statuses, notes } = this.#gather();
		const { endpoints, repairs } = mergeEndpoints(contributions);
		if (contributions.length > 0) {
			if (!this.#endpoints || !sameEndpoints(this.#endpoints, endpoints)) this.#endpoints = endpoints;
			clearTimeout(this.#deadline);
		}
		const known = this.#endpoints !== undefined;
		const synced = statuses.every((status) => status.state === "synced");
		return {
			name: definition.name,
			definition,
			state: !known ? "unknown" : synced ? "synced" : "stale",
			endpoints: this.#endpoints ?? [],
			repairs: [...repairs, ...notes],
			targets: statuses,
			overdue: !known && this.#overdue,
		};
	}

	#gather(): { contributions: Contribution[]; statuses: TargetStatus[]; notes: string[] } {
		const contributions: Contribution[] = [];
		const statuses: TargetStatus[] = [];
		const notes: string[] = [];
		const inline = this.#definition.endpoints;
		if (inline) {
			contributions.push({ target: INLINE, priority: 0, endpoints: inline });
			statuses.push({ target: INLINE, state: "synced", lastSuccess: this.#inlineSince, changes: 1 });
		}
		for (const [i, watch] of this.#watches.entries()) {
			const { priority } = this.#definition.targets[i] as { priority: number };
			statuses.push(watch.status);
			notes.push(...watch.notes);
			if (watch.endpoints) contributions.push({ target: watch.target.text, priority, endpoints: watch.endpoints });
		}
		return { contributions, statuses, notes };
	}

	#watch(definition: ServiceDefinition): void {
		const before = new Map(this.#watches.map((watch) => [watch.target.text, watch]));
		const started: TargetWatch[] = [];
		this.#watches = definition.targets.map(({ target }) => {
			const kept = before.get(target.text);
			if (kept && before.delete(target.text)) return kept;
			const watch = new TargetWatch(target, this.#options.onChange);
			started.push(watch);
			return watch;
		});
		for (const watch of before.values()) watch.stop();
		this.#inlineSince = new Date();
		for (const watch of started) watch.start(this.#options.registry);
	}

	#stopWatches(): void {
		for (const watch of this.#watches) watch.stop();
		this.#watches = [];
	}
}
