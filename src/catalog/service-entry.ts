import { sameInSteps } from "../model/canonical-order.js";
import type { Endpoint } from "../model/endpoint.js";
import { type ServiceDefinition, sameSources, sameTargets } from "../model/service.js";
import { zoneNotes } from "../model/zones/zone-notes.js";
import { Answers } from "../providers/watch/answers.js";
import type { TargetWatch } from "../providers/watch/target-watch.js";
import { policyNotes } from "../resources/policies/policy-notes.js";
import { atOnce, type Steps } from "../util/steps.js";
import { type ComparedTarget, nextCompared } from "./compared-target.js";
import type { EntryOptions } from "./entry-options.js";
import { asItIs, HostWatches } from "./host-watches.js";
import { notesOf } from "./keep/kept-notes.js";
import type { KeptStatus } from "./keep/kept-status.js";
import type { KeptTarget } from "./keep/kept-target.js";
import { KeptTargets } from "./keep/kept-targets.js";
import { type Pin, PinHolder, pinNote } from "./keep/pin.js";
import { leftoversOf, type SavedService, savedByTarget } from "./keep/saved.js";
import { Leftovers } from "./leftovers.js";
import { type Contribution, mergeInSteps, targetsRepair } from "./merge.js";
import type { ServiceState } from "./service-state.js";
import { type TargetSettings, targetSettings } from "./target-settings.js";

const INLINE = "inline";

type Answer = Pick<TargetWatch, "endpoints" | "whole" | "plain">;

/** One service: watches its targets and merges their answers into its state. */
export class ServiceEntry {
	readonly #options: EntryOptions;
	#definition: ServiceDefinition;
	readonly #targets: KeptTargets;
	/** What the definition says of each target's endpoints. */
	#settings: readonly TargetSettings[];
	readonly #hosts: HostWatches;
	#compared: ComparedTarget | undefined;
	/** The endpoints of the newest state; the same array while they do not change. */
	#endpoints: readonly Endpoint[] = [];
	readonly #leftovers = new Leftovers();
	readonly #pin: PinHolder;
	/** Stays true once true: a service that misses answers later is stale, not unknown. */
	#known: boolean;
	#inlineSince = new Date();
	/** The endpoints written out, as the answers of a source: of a long list only what differs is looked at. */
	readonly #inline = new Answers({ checked: true });
	#overdue = false;
	#deadline: NodeJS.Timeout | undefined;
	#grace: NodeJS.Timeout | undefined;
	/** The state while the service is being removed, and what is saved of it. */
	#frozen: ServiceState | undefined;
	#saved: SavedService | undefined;

	constructor(definition: ServiceDefinition, options: EntryOptions) {
		this.#definition = definition;
		this.#options = options;
		this.#settings = targetSettings(definition.targets);
		const { registry, onChange, times, sources, saved } = options;
		const parts = { registry, onChange, sources, saved: saved && savedByTarget(saved) };
		this.#targets = new KeptTargets(definition, { ...parts, safeguards: times });
		this.#hosts = new HostWatches(registry, onChange, { ...parts, safeguards: () => this.#targets.safeguards() });
		this.#pin = new PinHolder(onChange, saved?.pin);
		this.#known = saved !== undefined;
		if (saved) this.#leftovers.keep(leftoversOf(saved, definition));
	}

	get definition(): ServiceDefinition {
		return this.#definition;
	}

	get removing(): boolean {
		return this.#frozen !== undefined;
	}

	/** Whose endpoints are kept: the targets, and the host names among endpoints. */
	get #kept(): readonly KeptTarget[] {
		return [...this.#targets.all, ...this.#hosts.all];
	}

	start(): void {
		this.#targets.define(this.#definition);
		this.#compare(this.#definition);
		this.#deadline = setTimeout(() => {
			this.#overdue = true;
			this.#options.onChange();
		}, this.#options.times().syncDeadline);
	}

	/** Takes over a changed definition. Targets that stay keep their watches; a removal is cancelled. */
	redefine(definition: ServiceDefinition): void {
		const restart = this.#frozen !== undefined || !sameSources(definition, this.#definition);
		clearTimeout(this.#grace);
		if (restart && !this.#frozen) this.#leftovers.keep(this.#gather().contributions);
		this.#frozen = undefined;
		if (!sameTargets(this.#definition, definition)) this.#settings = targetSettings(definition.targets);
		this.#definition = definition;
		if (restart) {
			this.#inlineSince = new Date();
			this.#targets.define(definition);
		}
		this.#targets.review(definition);
		this.#compare(definition);
		this.#options.onChange();
	}

	/** Freezes the service for the removal grace and stops its watches. @param at when that began; now unless given. */
	remove(at = new Date()): void {
		// One that an earlier process removed was never started.
		if (this.#targets.all.length === 0) this.#targets.define(this.#definition, false);
		const state = atOnce(this.stateInSteps());
		this.#saved = { ...this.#save(), removedAt: at };
		// Overdue: a client without a version of an unknown service must not wait for it any longer.
		this.#frozen = { ...state, state: "removing", overdue: !state.known };
		this.#leftovers.keep(this.#gather().contributions);
		this.#stopWatches();
		const left = at.getTime() + this.#options.times().removalGrace - Date.now();
		const end = () => {
			this.stop();
			this.#options.onGone();
		};
		this.#grace = setTimeout(end, Math.max(0, left));
		this.#options.onChange();
	}

	/** Believes the sources: what is held goes. @returns how many endpoints were held. */
	approve(): number {
		return this.#kept.reduce((sum, each) => sum + each.approve(), 0);
	}

	/** Serves these endpoints until then, whatever the targets say; undefined ends that. @returns whether it was pinned. */
	pin(pin: Pin | undefined): boolean {
		return this.#pin.set(pin);
	}

	/** What holds for all services may be something else. */
	review(): void {
		for (const each of this.#kept) each.review();
	}

	/** For a later process; undefined while nothing is known. */
	saved(): SavedService | undefined {
		if (!this.#known) return undefined;
		return this.#frozen ? this.#saved : this.#save();
	}

	/** Restarts the watches of these schemes, because another provider serves them now. While it is removed it has none. */
	rewatch(schemes: ReadonlySet<string>): void {
		this.#targets.rewatch(schemes);
		this.#compared?.rewatch(schemes);
		if (schemes.has("dns")) this.#hosts.restart();
	}

	/** How fresh the targets are at this moment. */
	statuses(): readonly KeptStatus[] {
		if (this.#frozen) return this.#frozen.targets;
		const inline: KeptStatus = { target: INLINE, state: "synced", lastSuccess: this.#inlineSince, changes: 1 };
		return [...(this.#definition.endpoints ? [inline] : []), ...this.#kept.map((each) => each.status)];
	}

	stop(): void {
		clearTimeout(this.#deadline);
		clearTimeout(this.#grace);
		this.#pin.stop();
		this.#stopWatches();
	}

	/** As it is now. Where there are many endpoints, others have their turn meanwhile. */
	*stateInSteps(): Steps<ServiceState> {
		if (this.#frozen) return this.#frozen;
		const definition = this.#definition;
		const { contributions, notes } = this.#gather();
		const [repair, statuses, known] = [targetsRepair(definition.targets), this.statuses(), this.#known];
		const merged = yield* mergeInSteps(known ? contributions : []);
		const { pin, pin: { endpoints: wanted } = merged } = this.#pin;
		const served = (yield* sameInSteps(this.#endpoints, wanted)) ? this.#endpoints : wanted;
		const comparison = this.#compared && (yield* this.#compared.comparison(known ? served : undefined));
		// What is said of the service may be something else by now.
		if (this.#frozen || definition !== this.#definition) return yield* this.stateInSteps();
		this.#endpoints = served;
		if (known) clearTimeout(this.#deadline);
		const synced = statuses.every((status) => status.state === "synced");
		notes.push(...zoneNotes(definition, served));
		return {
			name: definition.name,
			definition,
			state: !known ? "unknown" : synced ? "synced" : "stale",
			known,
			endpoints: served,
			repairs: repair === undefined ? merged.repairs : [...merged.repairs, repair],
			notes: [...(pin ? [pinNote(pin)] : []), ...merged.notes, ...(repair === undefined ? [] : [repair]), ...notes],
			targets: statuses,
			...(pin && { pin }),
			comparison,
			overdue: !known && this.#overdue,
		};
	}

	#compare({ compare }: ServiceDefinition): void {
		this.#compared = nextCompared(this.#compared, compare?.with, this.#options.registry, this.#options.onChange);
	}

	#gather(): { contributions: Contribution[]; notes: string[] } {
		const contributions: Contribution[] = [];
		const notes = policyNotes(this.#definition).map(({ text }) => text);
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
		for (const [i, watch] of this.#targets.all.entries()) {
			notes.push(...notesOf(watch));
			add(watch.target.text, watch, targets[i]?.priority, this.#settings[i]);
		}
		this.#hosts.prune();
		const whole = waiting.size === 0;
		contributions.push(...this.#leftovers.beside(contributions, answered, waiting));
		// A partial list would remove what clients have of the rest: it is used when that has failed, or the deadline is over.
		const heardOfAll = () => this.statuses().every(({ state }) => state !== "connecting");
		this.#known ||= contributions.length > 0 && (whole || this.#overdue || heardOfAll());
		return { contributions, notes };
	}

	#save(): SavedService {
		const targets = this.#kept.flatMap((each) => each.saved ?? []);
		return { name: this.#definition.name, definition: this.#definition, targets, ...this.#pin.saved };
	}

	#stopWatches(): void {
		this.#targets.stop();
		this.#compared?.stop();
		this.#compared = undefined;
		this.#hosts.stop();
	}
}
