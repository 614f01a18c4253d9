import { nameBy } from "../../input/name-template.js";
import { safeguardsOf, type WrittenSafeguards } from "../../model/keep/safeguards.js";
import type { DiscoverEntry, ServiceDefinition } from "../../model/service.js";
import { parseTarget, type Target } from "../../model/target.js";
import type { FoundService } from "../../providers/provider.js";
import type { Registry } from "../../providers/registry.js";
import { type RegistryStatus, RegistryWatch } from "../../providers/watch/registry-watch.js";
import { messageOf } from "../../util/errors.js";
import type { Claim, Claims } from "./claims.js";
import { RegistryHold } from "./registry-hold.js";

export interface RegistryEntryOptions {
	readonly registry: Registry;
	readonly claims: Claims;
	/** Milliseconds after which a registry that has not answered is overdue. */
	readonly syncDeadline: number;
	/** What is said for all services. */
	readonly safeguards: () => WrittenSafeguards;
	/** Other services than before may have these names. */
	readonly decide: (names: Iterable<string>) => void;
	/** The state of the entry is another. */
	readonly onChange: () => void;
}

/** What became of a service of the registry. */
type Made =
	| { readonly claim: Claim; readonly problem?: undefined }
	| { readonly problem: string; readonly claim?: undefined };

/** So long new services are made at a time, in milliseconds; and so many before the next look at the clock. */
const SLICE_MS = 10;
const BATCH = 50;

/** An entry of `discover`: watches its registry, and wants a name here for each service there. */
export class RegistryEntry {
	/** Its place in the config. */
	place = 0;
	readonly #options: RegistryEntryOptions;
	readonly #watch: RegistryWatch;
	#definition: DiscoverEntry;
	/** The services of the last answer. */
	#present: ReadonlyMap<string, FoundService> = new Map();
	readonly #made = new Map<string, Made>();
	#queue: Iterator<string> = [].values();
	#turn: NodeJS.Immediate | undefined;
	#known = false;
	#overdue = false;
	readonly #deadline: NodeJS.Timeout;
	readonly #hold: RegistryHold;

	constructor(definition: DiscoverEntry, options: RegistryEntryOptions) {
		this.#definition = definition;
		this.#options = options;
		this.#watch = new RegistryWatch(definition.target, {
			listed: (list) => this.#listed(list),
			changed: () => {
				this.#hold.answers(this.status.state === "synced");
				options.onChange();
			},
		});
		this.#hold = new RegistryHold(
			() => safeguardsOf(options.safeguards(), this.#definition.settings).guard,
			() => this.#apply(),
		);
		this.#deadline = setTimeout(() => {
			this.#overdue = true;
			options.onChange();
		}, options.syncDeadline);
	}

	get definition(): DiscoverEntry {
		return this.#definition;
	}

	get target(): Target {
		return this.#definition.target;
	}

	get status(): RegistryStatus {
		return this.#watch.status;
	}

	/** Whether the registry has answered, and all that it had then is here. */
	get known(): boolean {
		return this.#known;
	}

	/** Whether it is not known, and the sync deadline is over. */
	get overdue(): boolean {
		return !this.#known && this.#overdue;
	}

	/** What the provider says of the list. */
	get notes(): readonly string[] {
		const { size } = this.#hold;
		if (size === 0) return this.#watch.notes;
		const held = `${size} services are held: the registry does not have them any more, and most would go at once`;
		return [held, ...this.#watch.notes];
	}

	/** How many services it has, those that are held too. */
	get size(): number {
		return this.#made.size;
	}

	/** How many services are held. */
	get held(): number {
		return this.#hold.size;
	}

	/** What became of each service. */
	made(): Iterable<Made> {
		return this.#made.values();
	}

	/** Believes the registry as for a service that is held. @returns whether one of that name was. */
	approve(name: string): boolean {
		const [key] = [...this.#made].find(([, { claim }]) => claim?.definition.name === name) ?? [];
		if (key === undefined || !this.#hold.approve(key)) return false;
		this.#apply();
		return true;
	}

	start(): void {
		this.#watch.start(this.#options.registry.find(this.target.scheme));
	}

	/** Another provider serves the scheme now. */
	restart(): void {
		this.#watch.restart(this.#options.registry.find(this.target.scheme));
	}

	/** Takes over other names and settings for the same registry. */
	redefine(definition: DiscoverEntry): void {
		const before = JSON.stringify([this.#definition.name, this.#definition.settings]);
		this.#definition = definition;
		if (before === JSON.stringify([definition.name, definition.settings])) return;
		const keys = [...this.#made.keys()];
		const names = keys.flatMap((key) => this.#forget(key));
		this.#options.decide([...names, ...keys.flatMap((key) => this.#make(key))]);
	}

	/** Frees everything; its services are no longer wanted. */
	stop(): void {
		this.#watch.stop();
		this.#hold.stop();
		clearTimeout(this.#deadline);
		clearImmediate(this.#turn);
		this.#options.decide([...this.#made.keys()].flatMap((key) => this.#forget(key)));
	}

	#listed(list: readonly FoundService[]): void {
		this.#hold.next(new Map(list.map((found) => [keyOf(found), found])));
		this.#apply();
	}

	/** Makes services of what the registry says and what is held. */
	#apply(): void {
		const present = this.#hold.services;
		this.#present = present;
		const names = [...this.#made.keys()].filter((key) => !present.has(key)).flatMap((key) => this.#forget(key));
		this.#queue = [...present.keys()].filter((key) => !this.#made.has(key)).values();
		clearImmediate(this.#turn);
		this.#work(names);
	}

	/** What is gone goes now, together with the first of what is new: a service may only have moved. */
	#work(gone: readonly string[] = []): void {
		const begun = performance.now();
		let names = [...gone];
		let isAtEnd = false;
		do {
			for (let i = 0; i < BATCH && !isAtEnd; i++) {
				const { value, done } = this.#queue.next();
				if (done) isAtEnd = true;
				else names.push(...this.#make(value));
			}
			this.#options.decide(names);
			names = [];
		} while (!isAtEnd && performance.now() - begun < SLICE_MS);
		if (!isAtEnd) this.#turn = setImmediate(() => this.#work());
		else if (!this.#known) {
			this.#known = true;
			clearTimeout(this.#deadline);
			this.#options.onChange();
		}
	}

	/** @returns the name that it wants, if it can have any. */
	#make(key: string): readonly string[] {
		const found = this.#present.get(key);
		if (!found) return [];
		const made = this.#define(found);
		if (typeof made === "string") {
			this.#made.set(key, { problem: `${found.target} is not served: ${made}` });
			return [];
		}
		const claim = { entry: this, key, definition: made };
		this.#made.set(key, { claim });
		this.#options.claims.add(claim);
		return [made.name];
	}

	#define(found: FoundService): ServiceDefinition | string {
		const { name: template, settings } = this.#definition;
		const named = nameBy(template, found);
		if ("problem" in named) return named.problem;
		try {
			const target = parseTarget(found.target);
			this.#options.registry.check(target);
			return { name: named.name, ...settings, targets: [{ target, priority: 0 }] };
		} catch (error) {
			return messageOf(error);
		}
	}

	/** @returns the name that it had wanted. */
	#forget(key: string): readonly string[] {
		const made = this.#made.get(key);
		this.#made.delete(key);
		if (made?.problem !== undefined || !made) return [];
		this.#options.claims.remove(made.claim);
		return [made.claim.definition.name];
	}
}

const KEYS = new WeakMap<FoundService, string>();

/** Tells the services of a registry apart, and gives their order. */
function keyOf(found: FoundService): string {
	const known = KEYS.get(found);
	if (known !== undefined) return known;
	const { service, namespace = "", port = "", datacenter = "", target } = found;
	const key = [service, namespace, port, datacenter, target].join("\0");
	KEYS.set(found, key);
	return key;
}
