import type { Cursor, Subscriber } from "../../../cache/change-feed.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { DeltaRequest } from "../../wire/discovery-request.js";
import { namesOf } from "../../wire/names/names.js";
import type { Nacks } from "../nacks/nacks.js";
import { ClientVersions, NOTHING, UNKNOWN } from "../owed/client-versions.js";
import type { ResponseLog } from "../response-log.js";
import { DeltaNames } from "./delta-names.js";

const NO_NAMES: ReadonlySet<string> = new Set();

/** What a delta client wants, what it has of that, and what it is owed. */
export class DeltaState {
	readonly #set: ResourceSet;
	readonly #subscriber: Subscriber;
	readonly #nacks: Nacks;
	readonly #log: ResponseLog;
	/** Names asked for one by one. */
	readonly named: DeltaNames;
	readonly versions: ClientVersions;
	readonly pending = new Set<string>();
	/** Of the pending names those that are sent even if the client has the version (R17, R29, R34). */
	readonly forced = new Set<string>();
	/** What goes after everything new: by an empty placeholder, or as removed. */
	readonly leaving = new Map<string, "placeholder" | "removed">();
	/** A wildcard is answered, if only by an empty response (R19, R46). */
	responseDue = false;
	/** When the oldest change was made that is still to be sent. */
	since: number | undefined;
	#wildcard = false;
	#initialDue = false;

	constructor(set: ResourceSet, subscriber: Subscriber, nacks: Nacks, log: ResponseLog) {
		this.#set = set;
		this.#subscriber = subscriber;
		this.#nacks = nacks;
		this.#log = log;
		this.named = new DeltaNames(set, subscriber);
		this.versions = new ClientVersions(set);
	}

	get wildcard(): boolean {
		return this.#wildcard;
	}

	/** The client has nothing of its first names, all of which are to be answered: as yet that stands nowhere else. */
	get initialDue(): boolean {
		return this.#initialDue;
	}

	/** Whether anything is owed. */
	get isDue(): boolean {
		const due = this.responseDue || this.#initialDue || this.pending.size > 0 || this.leaving.size > 0;
		return due || this.cursor?.isBehind === true;
	}

	/** Whether the client wants and has all of its first names, up to its place, and is owed nothing else either. */
	get isSettled(): boolean {
		const owes = this.responseDue || this.#initialDue || this.pending.size + this.forced.size + this.leaving.size > 0;
		return (
			!owes && this.since === undefined && !this.#wildcard && !this.named.hasGivenUp && this.versions.areAllPresent
		);
	}

	/** Its place among the changes of its first names. */
	get cursor(): Cursor | undefined {
		return this.named.cursor;
	}

	/** @param previous the version there was before. @returns whether it has become due by that. */
	changed(name: string, at: number, previous: string | undefined): boolean {
		if (this.named.hasGivenUp && !this.wants(name)) return false;
		if (this.#initialDue) this.spellOut();
		else if (!this.versions.changed(name, previous) && this.pending.has(name) && this.leaving.size === 0) return false;
		this.since ??= at;
		this.leaving.delete(name);
		this.pending.add(name);
		return true;
	}

	/** The oldest change's time, kept while something is left to send. */
	takeSince(): number | undefined {
		const { since } = this;
		if (this.pending.size === 0 && this.leaving.size === 0) this.since = undefined;
		return since;
	}

	/** All first names are answered by one response. */
	answered(): void {
		this.#initialDue = false;
	}

	close(): void {
		this.#set.unsubscribeAll(this.#subscriber);
		for (const collection of [this.named, this.versions, this.pending, this.forced, this.leaving]) collection.clear();
	}

	/** @param owed names that the client waits for though it has them: their parents were sent before (R17). */
	want({ subscribe, unsubscribe, initialVersions }: DeltaRequest, first: boolean, owed: ReadonlySet<string>): void {
		const initial = first ? initialVersions : undefined;
		// What was concluded from an answer may have changed something.
		this.cursor?.read();
		const isNew = !this.#wildcard && this.named.size === 0 && unsubscribe.length === 0;
		const hasNothing =
			isNew && this.#log.inFlight === 0 && this.#nacks.size === 0 && !this.isDue && !this.#nacks.probeDue;
		const canShare = isNew && subscribe.length > 0 && !namesOf(subscribe).has("*");
		// Almost every stream asks for a list of names, as others did before it.
		if (canShare) this.named.begin(subscribe);
		if (canShare && hasNothing && !initial?.size) {
			this.#initialDue = true;
			return;
		}
		this.spellOut();
		for (const name of unsubscribe) this.#unsubscribe(name);
		const oldWildcard = first && this.#set.type.wildcard && subscribe.length === 0;
		if (oldWildcard) this.#subscribeAll(initial);
		// What the client gave up and wants again may reach it by a response that has not.
		const inFlight = subscribe.length > 0 ? this.#log.inFlightNames() : NO_NAMES;
		for (const name of subscribe) {
			const had = (isNew ? NOTHING : this.versionOf(name)) || (inFlight.has(name) ? UNKNOWN : NOTHING);
			if (name !== "*") this.#subscribe(name, initial?.get(name), had, owed.has(name));
			else if (this.#set.type.wildcard) this.#subscribeAll(initial);
		}
	}

	/** From now on it stands at each name that the client has nothing of it. */
	spellOut(): void {
		if (!this.#initialDue) return;
		this.#initialDue = false;
		// It has nothing, whatever has changed up to now.
		this.cursor?.skip();
		for (const name of this.named.first) {
			this.versions.note(name, NOTHING);
			this.force(name);
		}
	}

	#subscribe(name: string, initialVersion: string | undefined, had: string, owed: boolean): void {
		this.#nacks.release(name);
		this.leaving.delete(name);
		this.named.add(name);
		this.versions.note(name, initialVersion ?? had);
		// Almost all of what a client comes back with.
		if (initialVersion !== undefined && !owed && this.#set.has(name, initialVersion)) return;
		if (initialVersion !== undefined && this.isGone(name)) {
			this.leaving.set(name, "removed");
			return;
		}
		this.pending.add(name);
		// R30: only what stands in the first request's initial versions need not be sent again.
		if (initialVersion === undefined || owed) this.forced.add(name);
	}

	/** R34: within a wildcard an unsubscribed name is answered, for the client has forgotten it. */
	#unsubscribe(name: string): void {
		if (name === "*") {
			this.#unsubscribeAll();
			return;
		}
		const has = this.versionOf(name);
		if (!this.named.delete(name)) return;
		this.#cancel(name);
		if (!this.wants(name)) this.versions.forget(name);
		else if (has !== NOTHING) this.versions.note(name, UNKNOWN);
		if (this.#wildcard) this.force(name);
	}

	#unsubscribeAll(): void {
		const known = [...this.known(), ...this.leaving.keys()];
		this.#wildcard = false;
		this.responseDue = false;
		this.#set.unsubscribeAll(this.#subscriber);
		for (const name of known) {
			if (this.named.has(name)) continue;
			this.versions.forget(name);
			this.#cancel(name);
		}
	}

	#subscribeAll(initial: ReadonlyMap<string, string> | undefined): void {
		const before = this.#wildcard;
		this.#wildcard = true;
		this.#set.subscribeAll(this.#subscriber);
		this.responseDue = true;
		for (const { name, version } of this.#set.listed()) {
			if (this.named.has(name)) continue;
			const has = initial?.get(name) ?? (before ? this.versions.of(name) : NOTHING);
			this.versions.note(name, has);
			if (!initial) this.force(name);
			else if (has !== version) this.pending.add(name);
		}
		// R30: what the client has and is gone. What is not known yet is not gone (R19).
		for (const [name, version] of initial ?? []) {
			if (this.named.has(name) || (this.#set.type.listed && !this.isGone(name))) continue;
			if (this.wants(name)) this.versions.note(name, version);
			this.leaving.set(name, "removed");
		}
	}

	force(name: string): void {
		this.pending.add(name);
		this.forced.add(name);
	}

	#cancel(name: string): void {
		this.pending.delete(name);
		this.forced.delete(name);
		this.leaving.delete(name);
		this.#nacks.release(name);
	}

	isGone(name: string): boolean {
		return !this.#set.get(name) && !this.#set.isAwaited(name);
	}

	versionOf(name: string): string {
		return this.wants(name) ? this.versions.of(name) : NOTHING;
	}

	setVersion(name: string, version: string): void {
		if (this.wants(name)) this.versions.note(name, version);
	}

	/** All that is wanted or that the client has. */
	*known(): Iterable<string> {
		yield* this.named;
		if (!this.#wildcard || !this.#set.type.listed) return;
		for (const { name } of this.#set.listed()) if (!this.named.has(name)) yield name;
		for (const name of this.versions.different()) if (!this.named.has(name) && !this.#set.get(name)) yield name;
	}

	/** Whether the stream gets the name's resource at all: an API listener only where it was asked for by name (R43). */
	wants(name: string): boolean {
		return this.named.has(name) || (this.#wildcard && this.#set.type.listed);
	}
}
