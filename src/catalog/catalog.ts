import { type ServiceDefinition, sameDefinition, sameOwnService } from "../model/service.js";
import type { Registry } from "../providers/registry.js";
import { sameValue } from "../util/same-value.js";
import { atOnce, type Steps } from "../util/steps.js";
import { Changes } from "./changes/changes.js";
import type { CatalogListener } from "./changes/service-change.js";
import type { CatalogTimes } from "./entry-options.js";
import type { KeptStatus } from "./keep/kept-status.js";
import type { Pin } from "./keep/pin.js";
import type { SavedService } from "./keep/saved.js";
import { SourceGuards } from "./keep/source-guard.js";
import { ServiceEntry } from "./service-entry.js";
import type { ServiceState } from "./service-state.js";

export type { CatalogListener, ServiceChange } from "./changes/service-change.js";

/** All services with their present endpoints. What a source said last stays here while the source fails. */
export class Catalog {
	readonly #registry: Registry;
	#times: CatalogTimes;
	readonly #entries = new Map<string, ServiceEntry>();
	readonly #changes = new Changes((name) => this.#stateOf(name));
	/** Names of the services that the program set. */
	readonly #own = new Set<string>();
	readonly #sources = new SourceGuards();
	/** What an earlier process knew of services that are not there yet. */
	#saved: ReadonlyMap<string, SavedService> = new Map();
	/** Of those, the services that a registry had, and none has said yet that it has. */
	readonly #unconfirmed = new Set<string>();
	readonly #restoredRegistries = new Set<string>();
	/** The services of the config. */
	#written: ReadonlyMap<string, ServiceDefinition> = new Map();
	/** The services that registries have, one for each name. */
	readonly #found = new Map<string, Pick<SavedService, "definition" | "registry">>();

	constructor(registry: Registry, times: CatalogTimes) {
		this.#registry = registry;
		this.#times = times;
	}

	/** Applies to what starts from now on; a running grace or deadline keeps its time. */
	setTimes(times: CatalogTimes): void {
		const { guard, onFailure } = this.#times;
		this.#times = times;
		if (sameValue(guard, times.guard) && sameValue(onFailure, times.onFailure)) return;
		for (const entry of this.#entries.values()) entry.review();
	}

	get times(): CatalogTimes {
		return this.#times;
	}

	services(): Iterable<ServiceState> {
		return this.#changes.states.values();
	}

	names(): Iterable<string> {
		return this.#changes.states.keys();
	}

	get(name: string): ServiceState | undefined {
		return this.#changes.states.get(name);
	}

	/** How fresh the targets are right now. ServiceState may lag: an answer without a change does not replace it. */
	targetsOf(name: string): readonly KeptStatus[] {
		return this.#entries.get(name)?.statuses() ?? [];
	}

	/** @returns a function that ends it. */
	onChange(listener: CatalogListener): () => void {
		return this.#changes.listen(listener);
	}

	/**
	 * Believes the sources of a service: what is held of it goes.
	 * @returns how many endpoints were held; undefined if there is no such service.
	 */
	approve(name: string): number | undefined {
		return this.#entries.get(name)?.approve();
	}

	/**
	 * Serves a service as it was, whatever its sources say; undefined ends that.
	 * @returns whether it was pinned; undefined if there is no such service, or it is being removed.
	 */
	pin(name: string, pin: Pin | undefined): boolean | undefined {
		const entry = this.#entries.get(name);
		return entry?.removing ? undefined : entry?.pin(pin);
	}

	/** What a later process needs to know of a service; undefined while nothing is known of it. */
	saved(name: string): SavedService | undefined {
		if (this.#own.has(name)) return undefined;
		const saved = this.#entries.get(name)?.saved();
		if (!saved || saved.removedAt || this.sourceOf(name) !== "registry") return saved;
		return { ...saved, found: true, registry: this.#found.get(name)?.registry };
	}

	/**
	 * Call before the first apply(). A service is what it was until its sources say something; one that is not there any
	 * more is removed after the grace, one of a registry once the registries have answered.
	 */
	restore(services: Iterable<SavedService>): void {
		this.#saved = new Map([...services].map((each) => [each.name, each]));
	}

	/** Services that an earlier process had of a registry, and of which none has said yet that it has them. */
	get unconfirmed(): ReadonlySet<string> {
		return this.#unconfirmed;
	}

	/** Whether services are, or were, served as an earlier process had them of the registry with this target. */
	isRestored(registry: string): boolean {
		return this.#restoredRegistries.has(registry);
	}

	/** Makes these the services of the config: starts new ones, removes missing ones after the grace. */
	apply(definitions: ReadonlyMap<string, ServiceDefinition>): void {
		atOnce(this.applyInSteps(definitions));
	}

	/** The same, a service a step. What changes is told when the last one is done. Another apply() may begin meanwhile. */
	*applyInSteps(definitions: ReadonlyMap<string, ServiceDefinition>): Steps<void> {
		const gathered = this.#changes.gather();
		try {
			yield* this.#applyAll(definitions);
		} finally {
			gathered();
		}
	}

	*#applyAll(definitions: ReadonlyMap<string, ServiceDefinition>): Steps<void> {
		const before = this.#written;
		this.#written = definitions;
		for (const name of definitions.keys()) {
			this.#settle(name);
			yield;
		}
		for (const name of before.keys()) {
			if (!definitions.has(name)) this.#settle(name);
			yield;
		}
		const saved = this.#saved;
		for (const { name, definition, removedAt, found, registry } of saved.values()) {
			if (this.#entries.has(name)) continue;
			if (found) {
				this.found(name, definition, registry);
				this.#unconfirmed.add(name);
				if (registry !== undefined) this.#restoredRegistries.add(registry);
			} else this.#create(definition).remove(removedAt);
		}
		this.#saved = new Map();
	}

	/** Sets a service of the program itself. The config neither changes nor removes it. */
	set(definition: ServiceDefinition): void {
		const entry = this.#entries.get(definition.name);
		const again = this.#own.has(definition.name) && entry && sameOwnService(entry.definition, definition);
		this.#own.add(definition.name);
		if (!again) this.#define(definition);
	}

	/**
	 * Ends what set() began: the service is the config's or a registry's again, or stays as it is for
	 * the removal grace. @returns false if there is none.
	 */
	unset(name: string): boolean {
		if (!this.#own.delete(name)) return false;
		this.#settle(name);
		return true;
	}

	/** A registry has the service, or none has it any more: the program's and the config's win. @param registry its target. */
	found(name: string, definition: ServiceDefinition | undefined, registry?: string): void {
		this.#unconfirmed.delete(name);
		if (definition) this.#found.set(name, { definition, registry });
		else this.#found.delete(name);
		if (!this.#written.has(name)) this.#settle(name);
	}

	/** Who says what the service is; undefined if nobody does any more. */
	sourceOf(name: string): "program" | "config" | "registry" | undefined {
		if (this.#own.has(name)) return "program";
		if (this.#written.has(name)) return "config";
		return this.#found.has(name) ? "registry" : undefined;
	}

	/** Restarts the watches of these schemes, because another provider serves them now. */
	rewatch(schemes: ReadonlySet<string>): void {
		if (schemes.size === 0) return;
		for (const entry of this.#entries.values()) entry.rewatch(schemes);
	}

	/** Tells the listeners about pending changes now, not at the end of the turn. */
	flush(): void {
		this.#changes.flush();
	}

	/** Ends all watches and timers. */
	stop(): void {
		this.#changes.stop();
		for (const entry of this.#entries.values()) entry.stop();
		this.#entries.clear();
	}

	/** What is no longer said of the service may be said by another. */
	#settle(name: string): void {
		if (this.#own.has(name)) return;
		const definition = this.#written.get(name) ?? this.#found.get(name)?.definition;
		const entry = this.#entries.get(name);
		if (definition) this.#define(definition);
		else if (entry && !entry.removing) entry.remove();
	}

	#define(definition: ServiceDefinition): void {
		const entry = this.#entries.get(definition.name);
		if (!entry) this.#add(definition);
		else if (entry.removing || !sameDefinition(entry.definition, definition)) entry.redefine(definition);
	}

	#add(definition: ServiceDefinition): void {
		this.#create(definition).start();
		this.#changes.mark(definition.name);
	}

	#create(definition: ServiceDefinition): ServiceEntry {
		const { name } = definition;
		const entry = new ServiceEntry(definition, {
			registry: this.#registry,
			times: () => this.#times,
			sources: this.#sources,
			saved: this.#own.has(name) ? undefined : this.#saved.get(name),
			onChange: () => this.#changes.mark(name),
			onGone: () => {
				this.#entries.delete(name);
				this.#changes.mark(name);
			},
		});
		this.#entries.set(name, entry);
		return entry;
	}

	/** What is there when it is asked counts, though it be another entry by the time that its state is known. */
	*#stateOf(name: string): Steps<ServiceState | undefined> {
		const entry = this.#entries.get(name);
		const state = entry && (yield* entry.stateInSteps());
		return this.#entries.get(name) === entry ? state : undefined;
	}
}
