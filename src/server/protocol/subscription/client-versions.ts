import type { ResourceSet } from "../../../cache/resource-set.js";
import { NOTHING, UNKNOWN } from "../rules/versions.js";
import type { WantedNames } from "./wanted-names.js";

/**
 * Which version a client has of each name that it wants. Of almost all it is the present one, which
 * stands in the set: only what differs from that is kept.
 */
export class ClientVersions {
	#set: ResourceSet;
	readonly #names: WantedNames;
	readonly #different = new Map<string, string>();

	constructor(set: ResourceSet, names: WantedNames) {
		this.#set = set;
		this.#names = names;
	}

	/** NOTHING of what the client does not want. */
	of(name: string): string {
		return this.#names.wants(name) ? this.#of(name) : NOTHING;
	}

	/** Nothing is noted of what the client does not want. */
	note(name: string, version: string): void {
		if (!this.#names.wants(name)) return;
		if (version === (this.#set.get(name)?.version ?? NOTHING)) this.#different.delete(name);
		else this.#different.set(name, version);
	}

	/**
	 * The set has something else of the name now, or nothing.
	 * @param previous the version that it had.
	 */
	changed(name: string, previous: string | undefined): void {
		if (!this.#different.has(name)) this.#different.set(name, previous ?? NOTHING);
	}

	/** Another set is the present one. What differs in it was told by changed(). */
	moveTo(set: ResourceSet): void {
		this.#set = set;
	}

	/** The client may have lost all that it had. */
	doubtAll(): void {
		for (const [name] of this.held()) this.#different.set(name, UNKNOWN);
	}

	forget(name: string): void {
		this.#different.delete(name);
	}

	/** Whether the client has the present version of everything. */
	get areAllPresent(): boolean {
		return this.#different.size === 0;
	}

	/** Names of which the client has another version than the present one. */
	different(): Iterable<string> {
		return this.#different.keys();
	}

	/** Names of which the client may have something and the set has nothing. */
	*absent(): Iterable<string> {
		for (const name of this.#different.keys()) if (!this.#set.known(name)) yield name;
	}

	/** Everything that the client has something of, with the version. */
	*held(): Iterable<readonly [name: string, version: string]> {
		for (const name of this.#known()) {
			const version = this.#of(name);
			if (version !== NOTHING) yield [name, version];
		}
	}

	clear(): void {
		this.#different.clear();
	}

	#of(name: string): string {
		return this.#different.get(name) ?? this.#set.get(name)?.version ?? NOTHING;
	}

	/** All that is wanted or that the client may have. */
	*#known(): Iterable<string> {
		yield* this.#names;
		if (!this.#names.all) return;
		for (const { name } of this.#set.listed()) if (!this.#names.has(name)) yield name;
		for (const name of [...this.#different.keys()]) if (!this.#names.has(name) && !this.#set.get(name)) yield name;
	}
}
