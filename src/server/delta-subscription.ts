import type { Subscriber } from "../cache/followers.js";
import type { ResourceSet } from "../cache/resource-set.js";
import type { EncodedResource } from "../resources/encoded-resource.js";
import { isPlaceholder, placeholderOf } from "../resources/placeholder.js";
import type { ResourceType } from "../resources/resource-type.js";
import type { Nack } from "./client-status.js";
import { ClientVersions, NOTHING, UNKNOWN } from "./client-versions.js";
import { DeltaDraft } from "./delta-draft.js";
import { DeltaNames } from "./delta-names.js";
import type { DeltaRequest } from "./discovery-request.js";
import type { Draft, Phase } from "./draft.js";
import { DueHeartbeats } from "./due-heartbeats.js";
import { firstAnswer } from "./first-answers.js";
import { nameSet } from "./name-set.js";
import { Refusals } from "./refusals.js";
import { type Answer, ResponseLog, type SentResponse } from "./response-log.js";
import type { OnDue, Subscription } from "./subscription.js";
import { conclude, type Suspects, type Taker, takeAnswer } from "./take-answer.js";

const NO_NAMES: ReadonlySet<string> = new Set();

/** Incremental: the client says what it wants more or less, and gets what changed and what is gone. */
export class DeltaSubscription implements Subscription, Subscriber {
	readonly type: ResourceType;
	readonly log = new ResponseLog();
	readonly #refusals = new Refusals();
	readonly #set: ResourceSet;
	readonly #onDue: OnDue;
	#wildcard = false;
	#started = false;
	/** Names asked for one by one. */
	readonly #named: DeltaNames;
	readonly #versions: ClientVersions;
	/** The client has nothing of its first names, all of which are to be answered: as yet that stands nowhere else. */
	#unanswered = false;
	readonly #pending = new Set<string>();
	/** Of the pending names those that are sent even if the client has the version (R17, R29, R34). */
	readonly #forced = new Set<string>();
	/** What goes after everything new: by an empty placeholder, or as removed. */
	readonly #leaving = new Map<string, "placeholder" | "removed">();
	readonly #heartbeats = new DueHeartbeats();
	#since: number | undefined;
	/** A wildcard is answered, if only by an empty response (R19, R46). */
	#answerDue = false;

	readonly #taker: Taker;

	constructor(set: ResourceSet, onDue: OnDue) {
		this.#set = set;
		this.#named = new DeltaNames(set, this);
		this.#versions = new ClientVersions(set);
		this.#taker = { set, refusals: this.#refusals, takeBack: (response) => this.#takeBack(response) };
		this.type = set.type;
		this.#onDue = onDue;
	}

	get wildcard(): boolean {
		return this.#wildcard;
	}

	names(): Iterable<string> {
		return this.#named;
	}

	/** How many names are asked for one by one. */
	get size(): number {
		return this.#named.size;
	}

	has(name: string): boolean {
		return this.#named.has(name);
	}

	get pending(): boolean {
		const due = this.#answerDue || this.#unanswered || this.#pending.size > 0 || this.#leaving.size > 0;
		return due || this.#refusals.probeDue || this.#heartbeats.size > 0 || this.#named.follower?.isBehind === true;
	}

	/** Whether the name's resource waits to be sent. */
	isDue(name: string): boolean {
		this.#catchUp();
		return this.#pending.has(name) || (this.#unanswered && this.#named.has(name));
	}

	get nack(): Nack | null {
		return this.#refusals.nack;
	}

	/** @param owed names that the client waits for though it has them: their parents were sent before (R17). */
	receive(request: DeltaRequest, owed: ReadonlySet<string>): Answer | undefined {
		this.#catchUp();
		const first = !this.#started;
		this.#started = true;
		const answer = first ? undefined : takeAnswer(this.log.answer(request.nonce, request.error), this.#taker);
		if (answer?.kind === "nack" && this.#heartbeats.isHeartbeat(answer.response)) this.#lost();
		const wants = first || request.subscribe.length + request.unsubscribe.length > 0;
		if (wants) {
			this.#want(request, first, owed);
			// What had changed may have been given up.
			this.#takeSince();
		}
		// An ACK of what was no probe makes nothing due.
		const isPlainAck = !wants && answer?.kind === "ack" && !answer.response.probe && !answer.probeSkipped;
		if (!isPlainAck && this.pending) this.#onDue();
		return answer;
	}

	changed(name: string, at: number, previous: EncodedResource | undefined): void {
		if (this.#named.hasGivenUp && !this.#wants(name)) return;
		if (this.#unanswered) this.#spellOut();
		else if (!this.#versions.changed(name, previous) && this.#pending.has(name) && this.#leaving.size === 0) return;
		this.#since ??= at;
		this.#leaving.delete(name);
		this.#pending.add(name);
		this.#onDue();
	}

	behind(): void {
		this.#onDue();
	}

	#catchUp(): void {
		this.#named.follower?.catchUp();
	}

	resend(name: string): void {
		this.#catchUp();
		const resource = this.#set.get(name);
		if (!this.#named.has(name) || (resource && this.#refusals.isHeld(resource))) return;
		this.#spellOut();
		this.#force(name);
		this.#onDue();
	}

	/** What was sent and not answered in time is sent in full, too. */
	heartbeat(late: boolean): void {
		this.#catchUp();
		this.#spellOut();
		const onItsWay = this.log.unansweredNames();
		const whole = late || this.log.unanswered > 0;
		for (const name of this.#known()) {
			const has = this.#versions.of(name);
			if (has === NOTHING || this.#pending.has(name) || this.#leaving.has(name)) continue;
			const resource = this.#set.get(name);
			const held = resource !== undefined && this.#refusals.isHeld(resource);
			if (resource && !held && (whole || has === UNKNOWN)) this.#force(name);
			else if (has !== UNKNOWN && !onItsWay.has(name)) this.#heartbeats.add(name, has);
		}
		this.#onDue();
	}

	/** R26: the client rejects a heartbeat, as it has nothing that could live on. It gets all again, but what it rejects. */
	#lost(): void {
		for (const name of this.#known()) if (this.#versions.of(name) !== NOTHING) this.#versions.note(name, UNKNOWN);
		this.heartbeat(false);
	}

	next(phase: Phase): Draft | undefined {
		if (!this.#unanswered) this.#catchUp();
		if (phase === "removal") return this.#nextRemovals();
		return (
			this.#nextFirst() ??
			this.#nextChanges() ??
			this.#heartbeats.next(this.#set.version, (name) => this.#versionOf(name))
		);
	}

	close(): void {
		this.#set.unsubscribeAll(this);
		for (const collection of [this.#named, this.#versions, this.#pending, this.#forced, this.#leaving])
			collection.clear();
		this.#heartbeats.clear();
		this.#refusals.clear();
	}

	/** What was in a rejected response the client does not have. @returns what of it is still to be had. */
	#takeBack(rejected: SentResponse): Suspects {
		const { content, had } = rejected;
		this.log.correctLater(rejected);
		const suspects = content.resources.filter((resource, i) => {
			const { name, version } = resource;
			const has = this.log.isOnItsWay(name) ? UNKNOWN : had[i] || UNKNOWN;
			if (this.#versionOf(name) === version) this.#setVersion(name, has);
			return this.#wants(name) && this.#set.get(name)?.version === version;
		});
		const isGone = (name: string) => this.#wants(name) && this.#isGone(name);
		const gone = content.resources.filter((each) => isPlaceholder(this.type, each) && !suspects.includes(each));
		const accused = content.resources.length - gone.length;
		// What goes was hardly rejected for itself where it came with something else. Alone it is not sent once more.
		if (accused > 0) {
			for (const { name } of gone) if (isGone(name)) this.#leaving.set(name, "placeholder");
			for (const name of content.removed) if (isGone(name)) this.#leaving.set(name, "removed");
		}
		return { suspects, accused };
	}

	#want({ subscribe, unsubscribe, initialVersions }: DeltaRequest, first: boolean, owed: ReadonlySet<string>): void {
		const initial = first ? initialVersions : undefined;
		// What was concluded from an answer may have changed something.
		this.#catchUp();
		const isNew = !this.#wildcard && this.#named.size === 0 && unsubscribe.length === 0;
		const hasNothing = isNew && this.log.unanswered === 0 && this.#refusals.size === 0 && !this.pending;
		const canShare = isNew && subscribe.length > 0 && !nameSet(subscribe).has("*");
		// Almost every stream asks for a list of names, as others did before it.
		if (canShare) this.#named.begin(subscribe);
		if (canShare && hasNothing && !initial?.size) {
			this.#unanswered = true;
			return;
		}
		this.#spellOut();
		for (const name of unsubscribe) this.#unsubscribe(name);
		const oldWildcard = first && this.type.wildcard && subscribe.length === 0;
		if (oldWildcard) this.#subscribeAll(initial);
		// What the client gave up and wants again may reach it by a response that has not.
		const onItsWay = subscribe.length > 0 ? this.log.unansweredNames() : NO_NAMES;
		for (const name of subscribe) {
			const had = (isNew ? NOTHING : this.#versionOf(name)) || (onItsWay.has(name) ? UNKNOWN : NOTHING);
			if (name !== "*") this.#subscribe(name, initial?.get(name), had, owed.has(name));
			else if (this.type.wildcard) this.#subscribeAll(initial);
		}
	}

	#nextFirst(): Draft | undefined {
		if (!this.#unanswered) return undefined;
		const answer = firstAnswer("delta", this.#set, this.#named.first);
		// It has all changes up to now in it.
		this.#named.follower?.skip();
		if (answer) this.#unanswered = false;
		else this.#spellOut();
		return answer?.draft;
	}

	#spellOut(): void {
		if (!this.#unanswered) return;
		this.#unanswered = false;
		for (const name of this.#named.first) {
			this.#versions.note(name, NOTHING);
			this.#force(name);
		}
	}

	#subscribe(name: string, initialVersion: string | undefined, had: string, owed: boolean): void {
		this.#refusals.release(name);
		this.#leaving.delete(name);
		this.#named.add(name);
		this.#versions.note(name, initialVersion ?? had);
		// Almost all of what a client comes back with.
		if (initialVersion !== undefined && !owed && this.#set.has(name, initialVersion)) return;
		if (initialVersion !== undefined && this.#isGone(name)) {
			this.#leaving.set(name, "removed");
			return;
		}
		this.#pending.add(name);
		// R30: only what stands in the first request's initial versions need not be sent again.
		if (initialVersion === undefined || owed) this.#forced.add(name);
	}

	/** R34: within a wildcard an unsubscribed name is answered, for the client has forgotten it. */
	#unsubscribe(name: string): void {
		if (name === "*") {
			this.#unsubscribeAll();
			return;
		}
		const has = this.#versionOf(name);
		if (!this.#named.delete(name)) return;
		this.#cancel(name);
		if (!this.#wants(name)) this.#versions.forget(name);
		else if (has !== NOTHING) this.#versions.note(name, UNKNOWN);
		if (this.#wildcard) this.#force(name);
	}

	#unsubscribeAll(): void {
		const known = [...this.#known(), ...this.#leaving.keys()];
		this.#wildcard = false;
		this.#answerDue = false;
		this.#set.unsubscribeAll(this);
		for (const name of known) {
			if (this.#named.has(name)) continue;
			this.#versions.forget(name);
			this.#cancel(name);
		}
	}

	#subscribeAll(initial: ReadonlyMap<string, string> | undefined): void {
		const before = this.#wildcard;
		this.#wildcard = true;
		this.#set.subscribeAll(this);
		this.#answerDue = true;
		for (const { name, version } of this.#set.listed()) {
			if (this.#named.has(name)) continue;
			const has = initial?.get(name) ?? (before ? this.#versions.of(name) : NOTHING);
			this.#versions.note(name, has);
			if (!initial) this.#force(name);
			else if (has !== version) this.#pending.add(name);
		}
		// R30: what the client has and is gone. What is not known yet is not gone (R19).
		for (const [name, version] of initial ?? []) {
			if (this.#named.has(name) || (this.type.listed && !this.#isGone(name))) continue;
			if (this.#wants(name)) this.#versions.note(name, version);
			this.#leaving.set(name, "removed");
		}
	}

	#force(name: string): void {
		this.#pending.add(name);
		this.#forced.add(name);
	}

	#cancel(name: string): void {
		this.#pending.delete(name);
		this.#forced.delete(name);
		this.#leaving.delete(name);
		this.#refusals.release(name);
	}

	#isGone(name: string): boolean {
		return !this.#set.get(name) && !this.#set.isAwaited(name);
	}

	#versionOf(name: string): string {
		return this.#wants(name) ? this.#versions.of(name) : NOTHING;
	}

	#setVersion(name: string, version: string): void {
		if (this.#wants(name)) this.#versions.note(name, version);
	}

	/** All that is wanted or that the client has. */
	*#known(): Iterable<string> {
		yield* this.#named;
		if (!this.#wildcard || !this.type.listed) return;
		for (const { name } of this.#set.listed()) if (!this.#named.has(name)) yield name;
		for (const name of this.#versions.different()) if (!this.#named.has(name) && !this.#set.get(name)) yield name;
	}

	/** Whether the stream gets the name's resource at all: an API listener only where it was asked for by name (R43). */
	#wants(name: string): boolean {
		return this.#named.has(name) || (this.#wildcard && this.type.listed);
	}

	/** A part of a rejected response. What has changed since goes like any other change. */
	#nextProbe(): Draft | undefined {
		for (let probe = this.#refusals.takeProbe(); probe; probe = this.#refusals.takeProbe()) {
			const draft = new DeltaDraft();
			for (const name of probe) {
				const resource = this.#wants(name) ? this.#set.get(name) : undefined;
				if (resource && this.#refusals.isHeld(resource)) {
					const has = this.#versionOf(name);
					draft.add(resource, has);
					if (has !== NOTHING) draft.replaced.push(name);
					this.#setVersion(name, resource.version);
				} else {
					this.#refusals.release(name);
					if (resource) this.#pending.add(name);
				}
			}
			const { resources, replaced, had } = draft;
			const { version } = this.#set;
			if (!draft.isEmpty) return { version, resources, removed: [], since: undefined, replaced, had, probe: true };
			conclude(this.#set, this.#refusals.probeSkipped());
		}
		return undefined;
	}

	#nextChanges(): Draft | undefined {
		const probe = this.#nextProbe();
		if (probe) return probe;
		this.#catchUp();
		const draft = new DeltaDraft();
		for (const name of this.#pending) {
			const wants = this.#wants(name);
			const has = wants ? this.#versions.of(name) : NOTHING;
			const resource = wants ? this.#resourceFor(name, has) : undefined;
			const forced = this.#forced.has(name);
			if (resource && this.#refusals.isHeld(resource)) {
				// R7: it was rejected as it is.
			} else if (resource && (forced || resource.version !== has)) {
				if (!draft.add(resource, has)) break;
				this.#refusals.release(name);
				if (has !== NOTHING) draft.replaced.push(name);
				if (resource === this.#set.get(name)) this.#versions.isPresent(name);
				else this.#versions.note(name, resource.version);
			} else if (wants && this.#set.isAwaited(name)) {
				// What was asked for is owed still, even if it turns out to be what the client has (R17, R29).
				this.#pending.delete(name);
				continue;
			} else if (!resource) {
				// R31: at once where the client only asked; what it has goes after everything new (R18). Without its assignment
				// Envoy would keep the old endpoints, so a service that is gone leaves an empty one (R20).
				if (has !== NOTHING) this.#leaving.set(name, this.type.placeholder && !forced ? "placeholder" : "removed");
				else if (forced && !draft.remove(name)) break;
			} else {
				// It changed and changed back.
				this.#versions.note(name, has);
			}
			this.#pending.delete(name);
			this.#forced.delete(name);
		}
		if (draft.isEmpty && (!this.#answerDue || this.#leaving.size > 0)) {
			if (this.#leaving.size === 0) this.#since = undefined;
			return undefined;
		}
		return this.#finish(draft);
	}

	#nextRemovals(): Draft | undefined {
		if (this.#leaving.size === 0) return undefined;
		const draft = new DeltaDraft();
		for (const [name, how] of this.#leaving) {
			const placeholder = how === "placeholder" ? placeholderOf(this.type, name) : undefined;
			// A service that had no endpoints leaves nothing to say, and one that is unknown by now is not gone (R19).
			if (!this.#set.isAwaited(name) && placeholder?.version !== this.#versionOf(name)) {
				if (!(placeholder ? draft.add(placeholder, this.#versionOf(name)) : draft.remove(name))) break;
				this.#setVersion(name, placeholder?.version ?? NOTHING);
			}
			this.#leaving.delete(name);
		}
		if (draft.isEmpty && !this.#answerDue) {
			this.#since = undefined;
			return undefined;
		}
		return this.#finish(draft);
	}

	#finish({ resources, removed, replaced, had }: DeltaDraft): Draft {
		this.#answerDue = false;
		const absent = removed.filter((name) => name !== "" && this.#named.has(name));
		const since = this.#takeSince();
		return { version: this.#set.version, resources, removed, absent, since, replaced, had, probe: false };
	}

	#resourceFor(name: string, has: string): EncodedResource | undefined {
		const resource = this.#set.get(name);
		if (resource) return resource;
		// R41: who has nothing gets an empty assignment for what is not known in time. Nothing that a client has is emptied.
		if (!this.#set.isOverdue(name)) return undefined;
		const empty = placeholderOf(this.type, name);
		return has === NOTHING || has === empty?.version ? empty : undefined;
	}

	/** The oldest change's time, kept while something is left to send. */
	#takeSince(): number | undefined {
		const since = this.#since;
		if (this.#pending.size === 0 && this.#leaving.size === 0) this.#since = undefined;
		return since;
	}
}
