import { addressOf, type Endpoint, sameEndpoints } from "../model/endpoint.js";
import { type ServiceDefinition, sourceKey } from "../model/service.js";
import type { Registry } from "../providers/registry.js";
import { type TargetStatus, TargetWatch } from "../providers/target-watch.js";
import { HostWatches } from "./host-watches.js";
import { type Contribution, firstPriorityGap, mergeEndpoints } from "./merge.js";
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
	readonly #hosts: HostWatches;
	/** The endpoints of the newest state: the same array as long as they are the same. */
	#endpoints: readonly Endpoint[] = [];
	/** What targets gave that are replaced or watched anew; it stays until all present targets have answered. */
	#leftovers: readonly Contribution[] = [];
	#inlineSince = new Date();
	#overdue = false;
	#deadline: NodeJS.Timeout | undefined;
	#grace: NodeJS.Timeout | undefined;
	/** The state as it stands while the service is being removed. */
	#frozen: ServiceState | undefined;

	constructor(definition: ServiceDefinition, options: EntryOptions) {
		this.#definition = definition;
		this.#options = options;
		this.#hosts = new HostWatches(options.registry, options.onChange);
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
		if (restart && !this.#frozen) this.#leftovers = this.#gather().contributions;
		this.#frozen = undefined;
		this.#definition = definition;
		if (restart) this.#watch(definition);
		this.#options.onChange();
	}

	/** The service stays exactly as it is for the removal grace; its sources are not watched any more. */
	remove(): void {
		const state = this.state();
		// Who has an earlier version of a service that is still unknown keeps it; nobody else needs to wait any more.
		this.#frozen = { ...state, state: "removing", overdue: !state.known };
		this.#leftovers = this.#gather().contributions;
		this.#stopWatches();
		this.#grace = setTimeout(() => {
			this.stop();
			this.#options.onGone();
		}, this.#options.times().removalGrace);
		this.#options.onChange();
	}

	/** Watches the targets of these schemes anew: their provider is another one now. */
	rewatch(schemes: ReadonlySet<string>): void {
		if (this.#frozen) return;
		for (const watch of this.#watches) if (schemes.has(watch.target.scheme)) watch.restart(this.#options.registry);
		if (schemes.has("dns")) this.#hosts.restart();
	}

	/** How fresh the targets are at this moment. */
	statuses(): readonly TargetStatus[] {
		if (this.#frozen) return this.#frozen.targets;
		const inline: TargetStatus = { target: INLINE, state: "synced", lastSuccess: this.#inlineSince, changes: 1 };
		return [
			...(this.#definition.endpoints ? [inline] : []),
			...this.#watches.map((watch) => watch.status),
			...this.#hosts.statuses(),
		];
	}

	stop(): void {
		clearTimeout(this.#deadline);
		clearTimeout(this.#grace);
		this.#stopWatches();
	}

	state(): ServiceState {
		if (this.#frozen) return this.#frozen;
		const definition = this.#definition;
		const { contributions, notes } = this.#gather();
		const statuses = this.statuses();
		const { endpoints, repairs } = mergeEndpoints(contributions);
		if (!sameEndpoints(this.#endpoints, endpoints)) this.#endpoints = endpoints;
		const known = contributions.length > 0;
		if (known) clearTimeout(this.#deadline);
		const synced = statuses.every((status) => status.state === "synced");
		return {
			name: definition.name,
			definition,
			state: !known ? "unknown" : synced ? "synced" : "stale",
			known,
			endpoints: this.#endpoints,
			repairs: [...repairs, ...notes],
			targets: statuses,
			overdue: !known && this.#overdue,
		};
	}

	#gather(): { contributions: Contribution[]; notes: string[] } {
		const contributions: Contribution[] = [];
		const notes: string[] = [];
		const { endpoints: inline, targets } = this.#definition;
		const gap = firstPriorityGap(targets);
		if (gap !== undefined) notes.push(`no target of priority ${gap}: the lower priorities move up`);
		const answered = new Set<string>();
		let waiting = false;
		const add = (target: string, priority: number, list: readonly Endpoint[] | undefined) => {
			const resolved = list && this.#hosts.resolve(list);
			notes.push(...(resolved?.notes ?? []));
			if (resolved?.endpoints) contributions.push({ target, priority, endpoints: resolved.endpoints });
			if (resolved?.complete) answered.add(target);
			else waiting = true;
		};
		if (inline) add(INLINE, 0, inline);
		for (const [i, watch] of this.#watches.entries()) {
			const { priority } = targets[i] as { priority: number };
			notes.push(...watch.notes);
			add(watch.target.text, priority, watch.endpoints);
		}
		this.#hosts.prune();
		if (waiting) contributions.push(...withoutRepeats(this.#leftovers, contributions, answered));
		else this.#leftovers = [];
		return { contributions, notes };
	}

	#watch(definition: ServiceDefinition): void {
		const before = [...this.#watches];
		const started: TargetWatch[] = [];
		this.#watches = definition.targets.map(({ target }) => {
			const kept = before.findIndex((watch) => watch.target.text === target.text);
			if (kept !== -1) return before.splice(kept, 1)[0] as TargetWatch;
			const watch = new TargetWatch(target, this.#options.onChange);
			started.push(watch);
			return watch;
		});
		for (const watch of before) watch.stop();
		this.#inlineSince = new Date();
		for (const watch of started) watch.start(this.#options.registry);
	}

	#stopWatches(): void {
		for (const watch of this.#watches) watch.stop();
		this.#watches = [];
		this.#hosts.stop();
	}
}

/** What the present answers do not say better: neither an older answer of the same target nor the same addresses. */
function withoutRepeats(
	leftovers: readonly Contribution[],
	present: readonly Contribution[],
	answered: ReadonlySet<string>,
): Contribution[] {
	const addresses = new Set(present.flatMap(({ endpoints }) => endpoints.map(addressOf)));
	return leftovers
		.filter(({ target }) => !answered.has(target))
		.map((leftover) => ({ ...leftover, endpoints: leftover.endpoints.filter((e) => !addresses.has(addressOf(e))) }));
}
