import { type Safeguards, safeguardsOf, type WrittenSafeguards } from "../../model/keep/safeguards.js";
import type { ServiceDefinition } from "../../model/service.js";
import type { Registry } from "../../providers/registry.js";
import { KeptTarget } from "./kept-target.js";
import type { SavedTarget } from "./saved.js";
import type { SourceGuards } from "./source-guard.js";

export interface KeptTargetsOptions {
	readonly registry: Registry;
	readonly onChange: () => void;
	/** What is said for all services. */
	readonly safeguards: () => WrittenSafeguards;
	readonly sources?: SourceGuards | undefined;
	/** What an earlier process knew of targets, by their texts. */
	readonly saved?: ReadonlyMap<string, SavedTarget> | undefined;
}

/** The targets of a service, in the order of its definition. */
export class KeptTargets {
	readonly #options: KeptTargetsOptions;
	#definition: ServiceDefinition;
	#all: readonly KeptTarget[] = [];
	#saved: ReadonlyMap<string, SavedTarget> | undefined;

	constructor(definition: ServiceDefinition, options: KeptTargetsOptions) {
		this.#definition = definition;
		this.#options = options;
		this.#saved = options.saved;
	}

	get all(): readonly KeptTarget[] {
		return this.#all;
	}

	/** What counts for what is of no target, such as a host name among endpoints that are written out. */
	safeguards(text?: string): Safeguards {
		const { safeguards } = this.#options;
		const target = this.#definition.targets.find((each) => each.target.text === text);
		return safeguardsOf(safeguards(), this.#definition, target);
	}

	/** Takes over a definition. Targets that stay keep their watches. @param start whether new ones are watched. */
	define(definition: ServiceDefinition, start = true): void {
		this.#definition = definition;
		const before = [...this.#all];
		const added: KeptTarget[] = [];
		this.#all = definition.targets.map(({ target }) => {
			const kept = before.findIndex((each) => each.target.text === target.text);
			if (kept !== -1) return before.splice(kept, 1)[0] as KeptTarget;
			const { registry, onChange, sources } = this.#options;
			const { text } = target;
			const safeguards = () => this.safeguards(text);
			const saved = this.#saved?.get(text);
			const created = new KeptTarget(target, { registry, onChange, sources, safeguards, saved });
			added.push(created);
			return created;
		});
		this.#saved = undefined;
		for (const each of before) each.stop();
		if (start) for (const each of added) each.start();
	}

	/** Other things are said of the same targets. */
	review(definition: ServiceDefinition): void {
		this.#definition = definition;
		for (const each of this.#all) each.review();
	}

	rewatch(schemes: ReadonlySet<string>): void {
		for (const each of this.#all) if (schemes.has(each.target.scheme)) each.restart();
	}

	stop(): void {
		for (const each of this.#all) each.stop();
		this.#all = [];
	}
}
