import type { DiscoverEntry } from "../../model/service.js";
import type { Registry } from "../../providers/registry.js";
import type { RegistryStatus } from "../../providers/watch/registry-watch.js";
import type { Catalog } from "../catalog.js";
import { type Claim, Claims } from "./claims.js";
import { RegistryEntry } from "./registry-entry.js";
import { RestoredServices } from "./restored-services.js";

/** An entry of `discover` as it is now. */
export interface RegistryState extends RegistryStatus {
	/** The template of the names. */
	readonly name: string;
	/** How many services the registry has, and how many of them are served here. */
	readonly found: number;
	readonly served: number;
	/** How many are not, because the name is another's (`taken`), or there can be no such service (`invalid`). */
	readonly leftOut: { readonly taken: number; readonly invalid: number };
	/** How many the registry does not have any more, and stay for a while. */
	readonly heldServices: number;
	/** What is not served, and why; what the provider has left out. */
	readonly notes: readonly string[];
}

/**
 * Whether there may be services that nobody knows of yet: `open` while a registry has not answered, `overdue` when the
 * sync deadline is over for all that have not.
 */
export type Openness = "closed" | "open" | "overdue";

/** So many services of an entry are named in its notes. */
const MOST_NOTES = 50;

/** Makes services of what whole registries have, as they come and go. */
export class DiscoveredServices {
	readonly #registry: Registry;
	readonly #catalog: Catalog;
	readonly #syncDeadline: () => number;
	readonly #claims = new Claims();
	readonly #listeners = new Set<() => void>();
	readonly #restored: RestoredServices;
	#entries: readonly RegistryEntry[] = [];

	/** @param syncDeadline milliseconds; it counts for what starts from now on. */
	constructor(registry: Registry, catalog: Catalog, syncDeadline: () => number) {
		this.#registry = registry;
		this.#catalog = catalog;
		this.#restored = new RestoredServices(catalog);
		this.#syncDeadline = syncDeadline;
	}

	get openness(): Openness {
		const unknown = this.#entries.filter(({ known }) => !known);
		if (unknown.length === 0) return "closed";
		return unknown.every(({ overdue }) => overdue) ? "overdue" : "open";
	}

	/**
	 * Whether a registry has neither answered nor failed, its sync deadline is not over, and no services that an earlier
	 * process had of it are served.
	 */
	get awaitsAnswer(): boolean {
		return this.#entries.some(
			({ known, overdue, status, target }) =>
				!known && !overdue && status.state !== "failed" && !this.#catalog.isRestored(target.text),
		);
	}

	/** Told when an entry's state or what is known has changed. @returns a function that ends it. */
	onChange(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Makes these the entries. Who has the same target as before goes on. */
	apply(definitions: readonly DiscoverEntry[]): void {
		const before = [...this.#entries];
		const started: RegistryEntry[] = [];
		const kept: (readonly [RegistryEntry, DiscoverEntry])[] = [];
		this.#entries = definitions.map((definition, place) => {
			const same = before.findIndex(({ target }) => target.text === definition.target.text);
			const [existing] = same === -1 ? [] : before.splice(same, 1);
			const entry = existing ?? this.#entry(definition);
			entry.place = place;
			if (existing) kept.push([existing, definition]);
			else started.push(entry);
			return entry;
		});
		this.#decide(this.#claims.reorder());
		for (const [entry, definition] of kept) entry.redefine(definition);
		for (const entry of started) entry.start();
		// Last: another entry may have the same services.
		for (const entry of before) entry.stop();
		this.#tell();
	}

	/** Restarts the watches of these schemes, because another provider serves them now. */
	rewatch(schemes: ReadonlySet<string>): void {
		for (const entry of this.#entries) if (schemes.has(entry.target.scheme)) entry.restart();
	}

	/** In the order of the config. */
	states(): readonly RegistryState[] {
		return this.#entries.map((entry) => this.#stateOf(entry));
	}

	/** How fresh the entries are; less work than states(). */
	statuses(): readonly RegistryStatus[] {
		return this.#entries.map(({ status }) => status);
	}

	/** Asks again now; false if no entry has this target. */
	refresh(text: string): boolean {
		const target = this.#entries.find((entry) => entry.target.text === text)?.target;
		if (target) this.#registry.find(target.scheme)?.refresh?.(target);
		return target !== undefined;
	}

	/** Believes the registries as for a service that is held. @returns whether one of that name was. */
	approve(name: string): boolean {
		return this.#restored.approve(name) || this.#entries.some((entry) => entry.approve(name));
	}

	/**
	 * Resolves once each registry has answered or failed, or after `limit` milliseconds; at once where an earlier process
	 * had services of them, which are served meanwhile.
	 */
	async settled(limit: number, signal: AbortSignal): Promise<void> {
		const isKnown = ({ known, status }: RegistryEntry) => known || status.state === "failed";
		const isSettled = () => this.#catalog.unconfirmed.size > 0 || this.#entries.every(isKnown);
		if (isSettled() || signal.aborted) return;
		await new Promise<void>((resolve) => {
			const done = () => {
				clearTimeout(timer);
				signal.removeEventListener("abort", done);
				off();
				resolve();
			};
			const timer = setTimeout(done, limit);
			signal.addEventListener("abort", done, { once: true });
			const off = this.onChange(() => {
				if (isSettled()) done();
			});
		});
	}

	/** Ends all watches and timers. */
	stop(): void {
		this.#listeners.clear();
		this.#restored.stop();
		for (const entry of this.#entries) entry.stop();
		this.#entries = [];
	}

	#entry(definition: DiscoverEntry): RegistryEntry {
		return new RegistryEntry(definition, {
			registry: this.#registry,
			claims: this.#claims,
			syncDeadline: this.#syncDeadline(),
			safeguards: () => this.#catalog.times,
			decide: (names) => this.#decide(names),
			onChange: () => this.#tell(),
		});
	}

	#decide(names: Iterable<string>): void {
		for (const name of new Set(names)) {
			const claim = this.#claims.first(name);
			this.#catalog.found(name, claim?.definition, claim?.entry.target.text);
		}
	}

	#tell(): void {
		if (this.openness === "closed") {
			const found = this.#entries.reduce((sum, { size }) => sum + size, 0);
			this.#restored.allAnswered(this.#entries.length > 0 ? found : undefined);
		}
		for (const listener of [...this.#listeners]) listener();
	}

	#stateOf(entry: RegistryEntry): RegistryState {
		const notes = [...entry.notes];
		let [found, served, problems, invalid] = [0, 0, 0, 0];
		for (const made of entry.made()) {
			const problem = made.problem ?? this.#collision(made.claim);
			found++;
			if (made.problem !== undefined) invalid++;
			if (problem === undefined) served++;
			else if (++problems <= MOST_NOTES) notes.push(problem);
		}
		if (problems > MOST_NOTES) notes.push(`${problems - MOST_NOTES} more services are not served`);
		const leftOut = { taken: problems - invalid, invalid };
		return { ...entry.status, name: entry.definition.name, found, served, leftOut, heldServices: entry.held, notes };
	}

	#collision(claim: Claim): string | undefined {
		const { name, targets } = claim.definition;
		const source = this.#catalog.sourceOf(name);
		const winner = this.#claims.first(name);
		const isNot = `${targets[0]?.target.text} is not served: the name "${name}"`;
		if (source === "config") return `${isNot} is that of a service written in the config`;
		if (source === "program") return `${isNot} is that of a service which the program has set`;
		return winner && winner !== claim ? `${isNot} is that of ${winner.definition.targets[0]?.target.text}` : undefined;
	}
}
