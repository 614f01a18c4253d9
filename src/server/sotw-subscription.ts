import type { ResourceSet, Subscriber } from "../cache/resource-set.js";
import { EncodedResource, VersionSum } from "../resources/encoded-resource.js";
import type { ResourceType } from "../resources/resource-type.js";
import type { Nack } from "./client-status.js";
import type { SotwRequest } from "./discovery-request.js";
import { type Draft, MAX_RESPONSE_BYTES, type Phase } from "./draft.js";
import { Refusals } from "./refusals.js";
import { type Answer, ResponseLog, type SentResponse } from "./response-log.js";
import type { OnDue, Subscription } from "./subscription.js";
import { conclude, type Taker, takeAnswer } from "./take-answer.js";

/** The stream was sent nothing of that name. */
const NOTHING = "";
/** The stream may have been sent any version of it, or none. */
const UNKNOWN = "?";
const NONE: readonly string[] = [];

/** State of the world: the client sends all names it wants each time, and gets full sets where the type asks for it. */
export class SotwSubscription implements Subscription, Subscriber {
	readonly type: ResourceType;
	readonly log = new ResponseLog();
	readonly #refusals = new Refusals();
	readonly #taker: Taker;
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
	/** Complete types: the version of the set that the client has, or will have when it accepts what it was sent. */
	#has = NOTHING;
	/** Complete types: an answer is due even if nothing changed. */
	#answerDue = false;
	/** Complete types: what is gone but is still in what the client was sent. It goes last (R18). */
	readonly #leaving = new Map<string, EncodedResource>();

	constructor(set: ResourceSet, onDue: OnDue) {
		this.#set = set;
		this.#taker = { set, refusals: this.#refusals, takeBack: (response) => this.#takeBack(response) };
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
		return this.#answerDue || this.#pending.size > 0 || this.#leaving.size > 0 || this.#refusals.probeDue;
	}

	/** Whether the name's resource waits to be sent. */
	isDue(name: string): boolean {
		return this.#answerDue || this.#pending.has(name);
	}

	get nack(): Nack | null {
		return this.#refusals.nack;
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
		const answer = takeAnswer(this.log.answer(request.nonce, request.error, request.version), this.#taker);
		if (this.#refusals.probeDue) this.#onDue();
		if (lastNonce !== "" && request.nonce !== lastNonce) {
			this.#noteStale(request.names);
			return answer;
		}
		const changed = this.#subscribe(request, false);
		// R17: a SotW Envoy whose cluster warms again repeats its request unchanged and waits for the answer. A client
		// that rejected the content would only reject it again (R7).
		if (repeated && !changed && !request.error && !this.nack && lastNonce !== "") {
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
		const resource = this.#set.get(name);
		if (this.type.complete || !this.#names.has(name) || (resource && this.#refusals.isHeld(resource))) return;
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
		this.#refusals.clear();
	}

	/** What was in a rejected response the client does not have. @returns what of it is still to be had. */
	#takeBack({ content, had }: SentResponse): readonly EncodedResource[] {
		if (this.type.complete) {
			if (this.log.unanswered === 0) this.#has = this.log.acked?.version ?? NOTHING;
			return this.#suspectsOf(content.resources);
		}
		return content.resources.filter(({ name, version }, i) => {
			const has = this.log.isOnItsWay(name) ? UNKNOWN : had[i] || UNKNOWN;
			if (this.#names.get(name) === version) this.#names.set(name, has);
			return this.#names.has(name) && this.#set.get(name)?.version === version;
		});
	}

	/**
	 * What of a rejected complete set nobody has accepted yet. None, if some of it can be neither left out, which would
	 * delete what the client may have of it, nor replaced by an earlier version.
	 */
	#suspectsOf(resources: readonly EncodedResource[]): readonly EncodedResource[] {
		const suspects = resources.filter(
			({ name, version, accepted }) => !accepted && this.#set.get(name)?.version === version,
		);
		const canDoWithout = ({ name }: EncodedResource) => !this.#cameWithVersion || this.#set.lastAccepted(name);
		return suspects.every(canDoWithout) ? suspects : [];
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
			this.#refusals.release(name);
			this.#names.delete(name);
			this.#set.unsubscribe(name, this);
		}
		for (const name of added) {
			this.#refusals.release(name);
			this.#names.set(name, NOTHING);
			this.#set.subscribe(name, this);
		}
		if (noLongerWildcard || removed.length > 0) this.#forgetUnwanted();

		if (first && wildcard && names.size === 0 && request.version === this.#set.listedVersion) {
			this.log.alreadyHas(request.version);
			this.#has = request.version;
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
		const held = previous && this.#refusals.isHeld(previous) && !this.#refusals.isProbed(name);
		const sent = held ? this.#set.lastAccepted(name) : this.log.sent ? previous : undefined;
		const has = this.#pending.has(name) ? this.#pending.get(name) : (this.#leaving.get(name) ?? sent);
		if (this.#set.get(name)) {
			this.#leaving.delete(name);
			this.#pending.set(name, has);
		} else {
			this.#pending.delete(name);
			if (has) this.#leaving.set(name, has);
			// The client may have a version of it from before the one that it rejected.
			else if (held) this.#pending.set(name, undefined);
		}
	}

	/** R22: all that this stream subscribes to; with what is leaving, which goes only after the rest (R18). */
	#nextSet(): Draft | undefined {
		const probe = this.#refusals.takeProbe();
		if (!probe && !this.#answerDue && this.#pending.size === 0) return undefined;
		const { resources, version } = this.#completeSet([...this.#leaving.values()]);
		let replaced = [...this.#pending.keys(), ...(probe ?? [])].filter((name) => this.#set.get(name));
		// R17: what changed while a client was away that comes with another version cannot be told.
		if (!this.log.sent) replaced = this.#cameWithVersion ? resources.map(({ name }) => name) : [];
		this.#pending.clear();
		const due = this.#answerDue || probe !== undefined || version !== this.#has;
		this.#answerDue = false;
		const since = this.#since;
		if (this.#leaving.size === 0) this.#since = undefined;
		if (!due) return undefined;
		this.#has = version;
		return { version, resources, removed: [], since, replaced, had: NONE, probe: probe !== undefined };
	}

	#finalSet(): Draft | undefined {
		const since = this.#since;
		this.#since = undefined;
		if (this.#leaving.size === 0) return undefined;
		this.#leaving.clear();
		const { resources, version } = this.#completeSet([]);
		if (version === this.#has) return undefined;
		this.#has = version;
		return { version, resources, removed: [], since, replaced: [], had: NONE, probe: false };
	}

	#completeSet(leaving: readonly EncodedResource[]): { resources: EncodedResource[]; version: string } {
		const wholeList = this.#wildcard && this.type.listed;
		const wanted = wholeList
			? this.#set.listed()
			: [...this.#names.keys()].flatMap((name) => this.#set.get(name) ?? []);
		const allServed = this.#refusals.size === 0;
		const resources = allServed ? [...wanted] : [...wanted].flatMap((resource) => this.#acceptable(resource) ?? []);
		resources.push(...leaving);
		const asListed = wholeList && allServed && leaving.length === 0;
		return { resources, version: asListed ? this.#set.listedVersion : sumOf(resources) };
	}

	/** What the client gets of a name: of what it rejected the version before, if there is one. */
	#acceptable(resource: EncodedResource): EncodedResource | undefined {
		const { name } = resource;
		if (!this.#refusals.isHeld(resource)) {
			this.#refusals.release(name);
			return resource;
		}
		return this.#refusals.isProbed(name) ? resource : this.#set.lastAccepted(name);
	}

	/** R23: only what changed or was asked for; a service that is gone leaves an empty assignment (R20), last (R18). */
	#nextChanges(phase: Phase): Draft | undefined {
		const probe = phase === "update" ? this.#nextProbe() : undefined;
		if (probe) return probe;
		const had: string[] = [];
		const resources: EncodedResource[] = [];
		let bytes = 0;
		for (const name of this.#pending.keys()) {
			const forced = this.#forced.has(name);
			const gone = !this.#set.get(name) && !this.#set.isAwaited(name);
			if (gone && !forced && phase === "update") continue;
			const resource = this.#resourceFor(name, gone);
			const held = resource !== undefined && this.#refusals.isHeld(resource);
			const has = this.#names.get(name) ?? NOTHING;
			if (resource && !held && (forced || resource.version !== has)) {
				const size = resource.sotw.byteLength;
				if (resources.length > 0 && bytes + size > MAX_RESPONSE_BYTES) break;
				this.#refusals.release(name);
				resources.push(resource);
				had.push(has);
				bytes += size;
			}
			if ((resource && !held) || gone) {
				this.#names.set(name, resource?.version ?? NOTHING);
				this.#forced.delete(name);
			}
			this.#pending.delete(name);
		}
		const since = this.#since;
		if (this.#pending.size === 0) this.#since = undefined;
		if (resources.length === 0) return undefined;
		return { version: this.#set.version, resources, removed: [], since, replaced: [], had, probe: false };
	}

	/** A part of a rejected response. What has changed since goes like any other change. */
	#nextProbe(): Draft | undefined {
		for (let probe = this.#refusals.takeProbe(); probe; probe = this.#refusals.takeProbe()) {
			const resources: EncodedResource[] = [];
			const had: string[] = [];
			for (const name of probe) {
				const resource = this.#names.has(name) ? this.#set.get(name) : undefined;
				if (resource && this.#refusals.isHeld(resource)) {
					resources.push(resource);
					had.push(this.#names.get(name) ?? NOTHING);
					this.#names.set(name, resource.version);
				} else {
					this.#refusals.release(name);
					if (this.#names.has(name)) this.#pending.set(name, undefined);
				}
			}
			const { version } = this.#set;
			if (resources.length > 0)
				return { version, resources, removed: [], since: undefined, replaced: [], had, probe: true };
			conclude(this.#set, this.#refusals.probed(undefined));
		}
		return undefined;
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
