import { AddressMap } from "../model/address-map.js";
import { type Endpoint, sameEndpoints } from "../model/endpoint.js";
import { type ServiceDefinition, sameSources } from "../model/service.js";
import type { Registry } from "../providers/registry.js";
import { Answers } from "../providers/watch/answers.js";
import { type TargetStatus, TargetWatch } from "../providers/watch/target-watch.js";
import { asItIs, HostWatches } from "./host-watches.js";
import { type Contribution, mergeEndpoints, targetsRepair } from "./merge.js";
import type { ServiceState } from "./service-state.js";

/** Milliseconds each; a reload may change them. */
export interface CatalogTimes {
	/** How long a removed service stays as it was. */
	readonly removalGrace: number;
	/** How long a service may be unknown before it is overdue. */
	readonly syncDeadline: number;
}

export interface EntryOptions {
	readonly registry: Registry;
	readonly times: () => CatalogTimes;
	/** Called when the entry's state may have changed. */
	readonly onChange: () => void;
	/** Called when the removal grace is over and the owner must drop the entry. */
	readonly onGone: () => void;
}

const INLINE = "inline";

type Answer = Pick<TargetWatch, "endpoints" | "whole" | "plain">;

/** One service: watches its targets and merges their answers into its state. */
export class ServiceEntry {
	readonly #options: EntryOptions;
	#definition: ServiceDefinition;
	#watches: TargetWatch[] = [];
	readonly #hosts: HostWatches;
	/** The endpoints of the newest state; the same array while they do not change. */
	#endpoints: readonly Endpoint[] = [];
	/**
	 * Endpoints of replaced targets, and the last complete answer of targets that have none now.
	 * Dropped once every present target has answered completely.
	 */
	#leftovers: readonly Contribution[] = [];
	/** The last complete answer of each target, with host names resolved. */
	#whole = new Map<string, Contribution>();
	/** Stays true once true: a service that misses answers later is stale, not unknown. */
	#known = false;
	#inlineSince = new Date();
	/** The endpoints written out, as the answers of a source: of a long list only what differs is looked at. */
	readonly #inline = new Answers({ checked: true });
	#overdue = false;
	#deadline: NodeJS.Timeout | undefined;
	#grace: NodeJS.Timeout | undefined;
	/** The state while the service is being removed. */
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

	/**
	 * Takes over a changed definition. Targets that stay keep their watches; a removal is
	 * cancelled.
	 */
	redefine(definition: ServiceDefinition): void {
		const restart = this.#frozen !== undefined || !sameSources(definition, this.#definition);
		clearTimeout(this.#grace);
		if (restart && !this.#frozen) this.#leftovers = this.#gather().contributions;
		this.#frozen = undefined;
		this.#definition = definition;
		if (restart) this.#watch(definition);
		this.#options.onChange();
	}

	/** Freezes the service for the removal grace and stops its watches. */
	remove(): void {
		const state = this.state();
		// Overdue: a client without a version of an unknown service must not wait for it any
		// longer.
		this.#frozen = { ...state, state: "removing", overdue: !state.known };
		this.#leftovers = this.#gather().contributions;
		this.#stopWatches();
		this.#grace = setTimeout(() => {
			this.stop();
			this.#options.onGone();
		}, this.#options.times().removalGrace);
		this.#options.onChange();
	}

	/** Restarts the watches of these schemes, because another provider serves them now. */
	rewatch(schemes: ReadonlySet<string>): void {
		if (this.#frozen) return;
		const { registry } = this.#options;
		for (const watch of this.#watches)
			if (schemes.has(watch.target.scheme)) watch.restart(registry.watcher(watch.target));
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
		const repair = targetsRepair(definition.targets);
		const statuses = this.statuses();
		const known = this.#known;
		const merged = mergeEndpoints(known ? contributions : []);
		const { endpoints } = merged;
		if (!sameEndpoints(this.#endpoints, endpoints)) this.#endpoints = endpoints;
		if (known) clearTimeout(this.#deadline);
		const synced = statuses.every((status) => status.state === "synced");
		return {
			name: definition.name,
			definition,
			state: !known ? "unknown" : synced ? "synced" : "stale",
			known,
			endpoints: this.#endpoints,
			repairs: repair === undefined ? merged.repairs : [...merged.repairs, repair],
			notes: [...merged.notes, ...(repair === undefined ? [] : [repair]), ...notes],
			targets: statuses,
			overdue: !known && this.#overdue,
		};
	}

	#gather(): { contributions: Contribution[]; notes: string[] } {
		const contributions: Contribution[] = [];
		const notes: string[] = [];
		const { endpoints: inline, targets } = this.#definition;
		const answered = new Map<string, Contribution>();
		const waiting = new Set<string>();
		const add = (target: string, priority: number, { endpoints: list, whole: heard, plain }: Answer) => {
			const resolved = list && (plain ? asItIs(list) : this.#hosts.resolve(list));
			notes.push(...(resolved?.notes ?? []));
			const contribution = resolved?.endpoints && { target, priority, endpoints: resolved.endpoints, plain };
			if (contribution) contributions.push(contribution);
			if (contribution && heard && resolved.waiting.length === 0) answered.set(target, contribution);
			else waiting.add(target);
		};
		if (inline) {
			const { endpoints, plain } = this.#inline.next(inline);
			// Otherwise in the order in which they stand: of repeats the first one counts.
			add(INLINE, 0, { endpoints: plain ? endpoints : inline, whole: true, plain });
		}
		for (const [i, watch] of this.#watches.entries()) {
			const { priority } = targets[i] as { priority: number };
			notes.push(...notesOf(watch));
			add(watch.target.text, priority, watch);
		}
		this.#hosts.prune();
		const whole = waiting.size === 0;
		this.#leftovers = whole ? [] : this.#stillNeeded(answered, waiting);
		this.#whole = answered;
		contributions.push(...withoutRepeats(this.#leftovers, contributions));
		// A partial list would remove the rest from clients that have it from before. It is used
		// only when the rest has failed or the deadline is over.
		const heardOfAll = this.statuses().every(({ state }) => state !== "connecting");
		this.#known ||= contributions.length > 0 && (whole || heardOfAll || this.#overdue);
		return { contributions, notes };
	}

	/**
	 * The leftovers of targets that still have not answered, and what waiting targets gave before.
	 */
	#stillNeeded(answered: ReadonlyMap<string, Contribution>, waiting: ReadonlySet<string>): readonly Contribution[] {
		const kept = this.#leftovers.filter(({ target }) => !answered.has(target));
		const old = new Set(kept.map(({ target }) => target));
		return [...kept, ...[...waiting].flatMap((target) => (old.has(target) ? [] : (this.#whole.get(target) ?? [])))];
	}

	#watch(definition: ServiceDefinition): void {
		const { onChange, registry } = this.#options;
		const before = [...this.#watches];
		const started: TargetWatch[] = [];
		this.#watches = definition.targets.map(({ target }) => {
			const kept = before.findIndex((watch) => watch.target.text === target.text);
			if (kept !== -1) return before.splice(kept, 1)[0] as TargetWatch;
			const watch = new TargetWatch(target, onChange, { maxEndpoints: () => registry.maxEndpoints });
			started.push(watch);
			return watch;
		});
		for (const watch of before) watch.stop();
		this.#inlineSince = new Date();
		for (const watch of started) watch.start(registry.watcher(watch.target));
	}

	#stopWatches(): void {
		for (const watch of this.#watches) watch.stop();
		this.#watches = [];
		this.#hosts.stop();
	}
}

/** A target without endpoints is to be seen: its name may be misspelt. */
function notesOf({ endpoints, notes, target }: TargetWatch): readonly string[] {
	return endpoints?.length === 0 && notes.length === 0 ? [`${target.text} has no endpoint`] : notes;
}

/** The leftovers without the addresses that the present answers have, too. */
function withoutRepeats(leftovers: readonly Contribution[], present: readonly Contribution[]): Contribution[] {
	if (leftovers.length === 0) return [];
	const addresses = new AddressMap<true>();
	for (const { endpoints } of present) for (const e of endpoints) addresses.set(e, true);
	return leftovers.map((leftover) => ({
		...leftover,
		endpoints: leftover.endpoints.filter((e) => !addresses.has(e)),
	}));
}
