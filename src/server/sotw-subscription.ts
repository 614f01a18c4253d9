import type { ResourceSet, Subscriber } from "../cache/resource-set.js";
import { EncodedResource, VersionSum } from "../resources/encoded-resource.js";
import type { ResourceType } from "../resources/resource-type.js";
import type { SotwRequest } from "./discovery-request.js";
import { type Draft, MAX_RESPONSE_BYTES, type Phase } from "./draft.js";
import { type Answer, ResponseLog } from "./response-log.js";
import type { OnDue, Subscription } from "./subscription.js";

/** The stream was sent nothing of that name. */
const NOTHING = "";

/** State of the world: the client sends all names it wants each time, and gets full sets where the type asks for it. */
export class SotwSubscription implements Subscription, Subscriber {
	readonly type: ResourceType;
	readonly log = new ResponseLog();
	readonly #set: ResourceSet;
	readonly #onDue: OnDue;
	#wildcard = false;
	/** Names asked for one by one; where the type is not complete, with the version that was sent last. */
	readonly #names = new Map<string, string>();
	/** The list of the last request that was no stale one: if it comes again, nothing else is wanted. */
	#asked: readonly string[] | undefined;
	/** Whether an empty list can still mean the old wildcard (R16). */
	#everNamed = false;
	/** Whether the client came with a version: then it may have what is not known here yet. */
	#cameWithVersion = false;
	#started = false;
	/** Names that were missing in a request that was stale. */
	readonly #givenUp = new Set<string>();
	/** What changed or was asked for since the last response; for complete types with what the client has of it. */
	readonly #pending = new Map<string, EncodedResource | undefined>();
	/** Of the pending names those that are sent even if they did not change (R10, R17). */
	readonly #forced = new Set<string>();
	#since: number | undefined;
	/** Complete types: an answer is due even if nothing changed. */
	#answerDue = false;
	/** Complete types: what is gone but is still in what the client was sent. It goes last (R18). */
	readonly #leaving = new Map<string, EncodedResource>();

	constructor(set: ResourceSet, onDue: OnDue) {
		this.#set = set;
		this.type = set.type;
		this.#onDue = onDue;
	}

	get wildcard(): boolean {
		return this.#wildcard;
	}

	names(): Iterable<string> {
		return this.#names.keys();
	}

	get pending(): boolean {
		return this.#answerDue || this.#pending.size > 0 || this.#leaving.size > 0;
	}

	receive(request: SotwRequest): Answer | undefined {
		if (!this.#started) {
			this.#started = true;
			this.#cameWithVersion = request.version !== "";
			this.#subscribe(request, true);
			return undefined;
		}
		const { lastNonce } = this.log;
		const repeated = request.nonce === lastNonce && !this.log.isUnanswered(lastNonce);
		const answer = this.log.answer(request.nonce, request.error, request.version);
		if (lastNonce !== "" && request.nonce !== lastNonce) {
			this.#noteStale(request.names);
			return answer;
		}
		const changed = this.#subscribe(request, false);
		// R17: a SotW Envoy whose cluster warms again repeats its request unchanged and waits for the answer. A client
		// that rejected the content would only reject it again (R7).
		if (repeated && !changed && !request.error && !this.log.nacked && lastNonce !== "") {
			for (const name of this.#names.keys()) this.resend(name);
		}
		return answer;
	}

	changed(name: string, at: number, previous: EncodedResource | undefined): void {
		this.#since ??= at;
		if (this.type.complete) this.#noteChange(name, previous);
		else this.#pending.set(name, undefined);
		this.#onDue();
	}

	resend(name: string): void {
		if (this.type.complete || !this.#names.has(name) || this.log.isRejected(name)) return;
		this.#force(name);
		this.#onDue();
	}

	next(phase: Phase): Draft | undefined {
		if (!this.type.complete) return this.#nextChanges(phase);
		return phase === "update" ? this.#nextSet() : this.#finalSet();
	}

	close(): void {
		this.#set.unsubscribeAll(this);
		for (const name of this.#names.keys()) this.#set.unsubscribe(name, this);
		for (const collection of [this.#names, this.#givenUp, this.#pending, this.#forced, this.#leaving])
			collection.clear();
	}

	/**
	 * R21: what a stale request wants, the request that follows says again. But a name that is missing here was given up
	 * and forgotten: if the next request has it, it was added anew (R10).
	 */
	#noteStale(names: readonly string[]): void {
		if (names === this.#asked) return;
		const kept = new Set(names);
		for (const name of this.#names.keys()) if (!kept.has(name)) this.#givenUp.add(name);
	}

	/** @returns whether the request wants something else than the one before it. */
	#subscribe(request: SotwRequest, first: boolean): boolean {
		if (request.names === this.#asked && this.#givenUp.size === 0) return false;
		this.#asked = request.names;
		const names = new Set(request.names);
		const star = names.delete("*");
		if (request.names.length > 0) this.#everNamed = true;
		const wildcard = this.type.wildcard && (star || !this.#everNamed);
		const newlyWildcard = wildcard && !this.#wildcard;
		const noLongerWildcard = this.#wildcard && !wildcard;
		const added = [...names].filter((name) => !this.#names.has(name) || this.#givenUp.has(name));
		this.#givenUp.clear();
		const removed = [...this.#names.keys()].filter((name) => !names.has(name));

		this.#wildcard = wildcard;
		if (newlyWildcard) this.#set.subscribeAll(this);
		else if (noLongerWildcard) this.#set.unsubscribeAll(this);
		for (const name of removed) {
			this.#names.delete(name);
			this.#set.unsubscribe(name, this);
		}
		for (const name of added) {
			this.#names.set(name, NOTHING);
			this.#set.subscribe(name, this);
		}
		if (noLongerWildcard || removed.length > 0) this.#forgetUnwanted();

		if (first && wildcard && names.size === 0 && request.version === this.#set.listedVersion) {
			this.log.alreadyHas(request.version);
		} else if (newlyWildcard || added.length > 0) {
			if (this.type.complete) this.#answerDue = true;
			else for (const name of added) this.#force(name);
			this.#onDue();
		}
		return newlyWildcard || added.length > 0 || removed.length > 0;
	}

	#force(name: string): void {
		this.#pending.set(name, undefined);
		this.#forced.add(name);
	}

	/** Drops what is due of names that are not subscribed any more. */
	#forgetUnwanted(): void {
		if (this.#wildcard && this.type.listed) return;
		for (const due of [this.#pending, this.#forced, this.#leaving]) {
			for (const name of due.keys()) if (!this.#names.has(name)) due.delete(name);
		}
	}

	/** @param previous what the client has, if this is the first change since the last response. */
	#noteChange(name: string, previous: EncodedResource | undefined): void {
		const sent = this.log.sent ? previous : undefined;
		const has = this.#pending.has(name) ? this.#pending.get(name) : (this.#leaving.get(name) ?? sent);
		if (this.#set.get(name)) {
			this.#leaving.delete(name);
			this.#pending.set(name, has);
		} else {
			this.#pending.delete(name);
			if (has) this.#leaving.set(name, has);
		}
	}

	/** R22: all that this stream subscribes to; with what is leaving, which goes only after the rest (R18). */
	#nextSet(): Draft | undefined {
		if (!this.#answerDue && this.#pending.size === 0) return undefined;
		const { resources, version } = this.#completeSet([...this.#leaving.values()]);
		let replaced = [...this.#pending.keys()];
		// R17: what changed while a client was away that comes with another version cannot be told.
		if (!this.log.sent) replaced = this.#cameWithVersion ? resources.map(({ name }) => name) : [];
		this.#pending.clear();
		const due = this.#answerDue || version !== this.log.sent?.version;
		this.#answerDue = false;
		const since = this.#since;
		if (this.#leaving.size === 0) this.#since = undefined;
		return due ? { version, resources, removed: [], since, replaced } : undefined;
	}

	#finalSet(): Draft | undefined {
		const since = this.#since;
		this.#since = undefined;
		if (this.#leaving.size === 0) return undefined;
		this.#leaving.clear();
		const { resources, version } = this.#completeSet([]);
		return version === this.log.sent?.version ? undefined : { version, resources, removed: [], since, replaced: [] };
	}

	#completeSet(leaving: readonly EncodedResource[]): { resources: EncodedResource[]; version: string } {
		const wholeList = this.#wildcard && this.type.listed;
		const resources = wholeList ? [...this.#set.listed()] : [];
		for (const name of wholeList ? [] : this.#names.keys()) {
			const resource = this.#set.get(name);
			if (resource) resources.push(resource);
		}
		resources.push(...leaving);
		return { resources, version: wholeList && leaving.length === 0 ? this.#set.listedVersion : sumOf(resources) };
	}

	/** R23: only what changed or was asked for; a service that is gone leaves an empty assignment (R20), last (R18). */
	#nextChanges(phase: Phase): Draft | undefined {
		const resources: EncodedResource[] = [];
		let bytes = 0;
		for (const name of this.#pending.keys()) {
			const forced = this.#forced.has(name);
			const gone = !this.#set.get(name) && !this.#set.isAwaited(name);
			if (gone && !forced && phase === "update") continue;
			const resource = this.#resourceFor(name, gone);
			if (resource && (forced || resource.version !== this.#names.get(name))) {
				const size = resource.sotw.byteLength;
				if (resources.length > 0 && bytes + size > MAX_RESPONSE_BYTES) break;
				resources.push(resource);
				bytes += size;
			}
			if (resource || gone) {
				this.#names.set(name, resource?.version ?? NOTHING);
				this.#forced.delete(name);
			}
			this.#pending.delete(name);
		}
		const since = this.#since;
		if (this.#pending.size === 0) this.#since = undefined;
		if (resources.length === 0) return undefined;
		return { version: this.#set.version, resources, removed: [], since, replaced: [] };
	}

	#resourceFor(name: string, gone: boolean): EncodedResource | undefined {
		const resource = this.#set.get(name);
		if (resource) return resource;
		const { placeholder, url } = this.type;
		if (!placeholder || name === "") return undefined;
		const empty = new EncodedResource(url, name, placeholder(name));
		if (gone) return empty;
		// R41: who has nothing gets an empty assignment for what is not known in time. Nothing that a client has is emptied.
		const has = this.#names.get(name);
		const hasNothing = !this.#cameWithVersion && (has === NOTHING || has === empty.version);
		return hasNothing && this.#set.isOverdue(name) ? empty : undefined;
	}
}

function sumOf(resources: readonly EncodedResource[]): string {
	const sum = new VersionSum();
	for (const resource of resources) sum.add(resource);
	return sum.toString();
}
