import { type Endpoint, sameEndpoints } from "../model/endpoint.js";
import { type ServiceDefinition, sameSources, sameTargets } from "../model/service.js";
import type { Registry } from "../providers/registry.js";
import { Answers } from "../providers/watch/answers.js";
import { type TargetStatus, TargetWatch } from "../providers/watch/target-watch.js";
import { ComparedTarget } from "./compared-target.js";
import { asItIs, HostWatches } from "./host-watches.js";
import { Leftovers } from "./leftovers.js";
import { type Contribution, mergeEndpoints, targetsRepair } from "./merge.js";
import type { ServiceState } from "./service-state.js";
import { type TargetSettings, targetSettings } from "./target-settings.js";

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
	/** What the definition says of each target's endpoints. */
	#settings: readonly TargetSettings[];
	readonly #hosts: HostWatches;
	#compared: ComparedTarget | undefined;
	/** The endpoints of the newest state; the same array while they do not change. */
	#endpoints: readonly Endpoint[] = [];
	readonly #leftovers = new Leftovers();
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
		this.#settings = targetSettings(definition.targets);
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
		this.#compare(this.#definition);
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
		if (restart && !this.#frozen) this.#leftovers.keep(this.#gather().contributions);
		this.#frozen = undefined;
		if (!sameTargets(this.#definition, definition)) this.#settings = targetSettings(definition.targets);
		this.#definition = definition;
		if (restart) this.#watch(definition);
		this.#compare(definition);
		this.#options.onChange();
	}

	/** Freezes the service for the removal grace and stops its watches. */
	remove(): void {
		const state = this.state();
		// Overdue: a client without a version of an unknown service must not wait for it any
		// longer.
		this.#frozen = { ...state, state: "removing", overdue: !state.known };
		this.#leftovers.keep(this.#gather().contributions);
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
		this.#compared?.rewatch(schemes);
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
			comparison: this.#compared?.comparison(known ? this.#endpoints : undefined),
			overdue: !known && this.#overdue,
		};
	}

	#compare({ compare }: ServiceDefinition): void {
		if (this.#compared?.target.text === compare?.with.text) return;
		this.#compared?.stop();
		this.#compared = compare && new ComparedTarget(compare.with, this.#options.registry, this.#options.onChange);
		this.#compared?.start();
	}

	#gather(): { contributions: Contribution[]; notes: string[] } {
		const contributions: Contribution[] = [];
		const notes: string[] = [];
		const { endpoints: inline, targets } = this.#definition;
		const answered = new Map<string, Contribution>();
		const waiting = new Set<string>();
		const add = (
			target: string,
			{ endpoints: list, whole: heard, plain }: Answer,
			priority = 0,
			settings?: TargetSettings,
		) => {
			const resolved = list && (plain ? asItIs(list) : this.#hosts.resolve(list));
			notes.push(...(resolved?.notes ?? []));
			const found = resolved?.endpoints && (settings?.of(resolved.endpoints, plain) ?? resolved.endpoints);
			const withoutTraffic = settings?.withoutTraffic ?? false;
			const contribution = found && { target, priority, endpoints: found, plain, withoutTraffic };
			if (contribution) contributions.push(contribution);
			if (contribution && heard && resolved.waiting.length === 0) answered.set(target, contribution);
			else waiting.add(target);
		};
		if (inline) {
			const { endpoints, plain } = this.#inline.next(inline);
			// Otherwise in the order in which they stand: of repeats the first one counts.
			add(INLINE, { endpoints: plain ? endpoints : inline, whole: true, plain });
		}
		for (const [i, watch] of this.#watches.entries()) {
			notes.push(...notesOf(watch));
			add(watch.target.text, watch, targets[i]?.priority, this.#settings[i]);
		}
		this.#hosts.prune();
		const whole = waiting.size === 0;
		contributions.push(...this.#leftovers.beside(contributions, answered, waiting));
		// A partial list would remove the rest from clients that have it from before. It is used
		// only when the rest has failed or the deadline is over.
		const heardOfAll = this.statuses().every(({ state }) => state !== "connecting");
		this.#known ||= contributions.length > 0 && (whole || heardOfAll || this.#overdue);
		return { contributions, notes };
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
		this.#compared?.stop();
		this.#compared = undefined;
		this.#hosts.stop();
	}
}

/** A target without endpoints is to be seen: its name may be misspelt. */
function notesOf({ endpoints, notes, target }: TargetWatch): readonly string[] {
	return endpoints?.length === 0 && notes.length === 0 ? [`${target.text} has no endpoint`] : notes;
}
