import { compareText } from "../../model/endpoint.js";
import type { FoundService, RegistryObserver } from "../provider.js";
import type { Slice } from "./api/endpoint-slice.js";
import type { KubernetesRegistry } from "./kubernetes-target.js";
import { choosePorts } from "./slice-ports.js";
import type { SliceStore } from "./slice-store.js";

/** At most so many services that are left out are named. */
const MOST_NAMED = 50;

/** A watched registry and its observer; finds the services that there are among the slices. */
export class RegistryView {
	readonly registry: KubernetesRegistry;
	readonly observer: RegistryObserver;
	/** By the keys of the store. */
	readonly #found = new Map<string, FoundService>();
	/** Services of several ports, with these. */
	readonly #unclear = new Map<string, string>();
	/** Services without the wanted port. */
	readonly #portless = new Set<string>();
	#list: readonly FoundService[] = [];
	#notes: readonly string[] = [];

	constructor(registry: KubernetesRegistry, observer: RegistryObserver) {
		this.registry = registry;
		this.observer = observer;
	}

	/** Looks at these services of the store again, and tells of them if there are others than before. */
	update(keys: Iterable<string>, store: SliceStore): void {
		let isChanged = false;
		for (const key of keys) if (this.#look(key, store.slicesOf(key))) isChanged = true;
		if (isChanged) this.#renew();
		if (isChanged) this.tell();
	}

	/** As update(), of all; it tells of them in any case. */
	replace(store: SliceStore): void {
		const gone = [...this.#found.keys(), ...this.#unclear.keys(), ...this.#portless];
		let isChanged = false;
		for (const key of new Set([...gone, ...store.services])) {
			if (this.#look(key, store.slicesOf(key))) isChanged = true;
		}
		if (isChanged) this.#renew();
		this.tell();
	}

	/** Confirms what was told last. */
	tell(): void {
		this.observer.services(this.#list, { notes: this.#notes });
	}

	/** @returns whether something is to be told. */
	#look(key: string, slices: readonly Slice[]): boolean {
		const [namespace = "", service = ""] = key.split("/");
		if (this.registry.namespace !== undefined && this.registry.namespace !== namespace) return false;
		const before = this.#found.get(key);
		const port = this.#portOf(slices);
		const unclear = port?.choices?.join(", ");
		const isPortless = port !== undefined && !port.choices && port.port === undefined;
		const isFound = port !== undefined && !port.choices && !isPortless;
		const isOther =
			unclear !== this.#unclear.get(key) ||
			isPortless !== this.#portless.has(key) ||
			isFound !== (before !== undefined) ||
			(isFound && before?.port !== port.port && port.port !== "");
		if (!isOther) return false;
		if (unclear === undefined) this.#unclear.delete(key);
		else this.#unclear.set(key, unclear);
		if (isPortless) this.#portless.add(key);
		else this.#portless.delete(key);
		if (isFound) {
			const target = this.registry.targetOf(namespace, service);
			this.#found.set(key, { service, namespace, target, port: port.port || undefined });
		} else this.#found.delete(key);
		return true;
	}

	/**
	 * The port that `{port}` stands for, or which there are; undefined if the service is none of the registry. A Service
	 * without pods has a slice without ports: it is there, and its port is empty.
	 */
	#portOf(slices: readonly Slice[]): { readonly choices?: readonly string[]; readonly port?: string } | undefined {
		const { port, selects } = this.registry;
		const usable = slices.filter(({ addressType, labels }) => addressType !== "FQDN" && (selects?.(labels) ?? true));
		if (usable.length === 0) return undefined;
		const chosen = choosePorts(usable, port);
		if (chosen.choices) return chosen;
		if (usable.every(({ ports, endpoints }) => ports.length === 0 && endpoints.length === 0))
			return { port: port ?? "" };
		const [first] = chosen.ports;
		if (!first) return {};
		if (port !== undefined) return { port };
		const [slice, number] = first;
		return { port: slice.ports.find((each) => each.port === number)?.name || String(number) };
	}

	#renew(): void {
		this.#list = [...this.#found.values()];
		const unclear = [...this.#unclear].sort(([a], [b]) => compareText(a, b));
		const notes = unclear
			.slice(0, MOST_NAMED)
			.map(([key, ports]) => `${key} is left out: it has several ports: ${ports}; name one in the target`);
		if (unclear.length > MOST_NAMED) notes.push(`${unclear.length - MOST_NAMED} more services have several ports`);
		if (this.#portless.size > 0) notes.push(this.#portlessNote());
		this.#notes = notes;
	}

	#portlessNote(): string {
		const { port } = this.registry;
		const names = [...this.#portless].sort(compareText);
		const more = names.length - MOST_NAMED;
		const shown = names.slice(0, MOST_NAMED).join(", ");
		const which = port === undefined ? "" : ` ${JSON.stringify(port)}`;
		return `left out, as they have no TCP port${which}: ${shown}${more > 0 ? ` and ${more} more` : ""}`;
	}
}
