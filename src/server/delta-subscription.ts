import type { PatientSubscriber } from "../cache/followers.js";
import type { ResourceSet } from "../cache/resource-set.js";
import type { EncodedResource } from "../resources/encoded-resource.js";
import { isPlaceholder, placeholderOf } from "../resources/placeholder.js";
import type { ResourceType } from "../resources/resource-type.js";
import type { Nack } from "./client-status.js";
import { NOTHING, UNKNOWN } from "./client-versions.js";
import { DeltaDraft } from "./delta-draft.js";
import { DeltaState } from "./delta-state.js";
import type { DeltaRequest } from "./discovery-request.js";
import type { Draft, Phase } from "./draft.js";
import { DueHeartbeats } from "./due-heartbeats.js";
import { firstAnswer } from "./first-answers.js";
import { Refusals } from "./refusals.js";
import { type Answer, ResponseLog, type SentResponse } from "./response-log.js";
import { SharedDrafts } from "./shared-drafts.js";
import type { OnDue, Subscription } from "./subscription.js";
import { conclude, type Suspects, type Taker, takeAnswer } from "./take-answer.js";

/** Incremental: the client says what it wants more or less, and gets what changed and what is gone. */
export class DeltaSubscription implements Subscription, PatientSubscriber {
	readonly type: ResourceType;
	readonly log = new ResponseLog();
	readonly #refusals = new Refusals();
	readonly #set: ResourceSet;
	readonly #onDue: OnDue;
	#started = false;
	readonly #state: DeltaState;
	readonly #heartbeats = new DueHeartbeats();
	readonly #shared: SharedDrafts;
	#since: number | undefined;
	readonly #taker: Taker;

	constructor(set: ResourceSet, onDue: OnDue) {
		this.#set = set;
		this.#shared = new SharedDrafts("delta", set);
		this.#state = new DeltaState(set, this, this.#refusals, this.log);
		this.#taker = { set, refusals: this.#refusals, takeBack: (response) => this.#takeBack(response) };
		this.type = set.type;
		this.#onDue = onDue;
	}

	get wildcard(): boolean {
		return this.#state.wildcard;
	}

	names(): Iterable<string> {
		return this.#state.named;
	}

	/** How many names are asked for one by one. */
	get size(): number {
		return this.#state.named.size;
	}

	has(name: string): boolean {
		return this.#state.named.has(name);
	}

	get pending(): boolean {
		return this.#state.isDue || this.#refusals.probeDue || this.#heartbeats.size > 0;
	}

	/** Whether the name's resource waits to be sent. */
	isDue(name: string): boolean {
		this.#state.follower?.catchUp();
		return this.#state.pending.has(name) || (this.#state.unanswered && this.#state.named.has(name));
	}

	get nack(): Nack | null {
		return this.#refusals.nack;
	}

	/** @param owed names that the client waits for though it has them: their parents were sent before (R17). */
	receive(request: DeltaRequest, owed: ReadonlySet<string>): Answer | undefined {
		this.#state.follower?.catchUp();
		const first = !this.#started;
		this.#started = true;
		const answer = first ? undefined : takeAnswer(this.log.answer(request.nonce, request.error), this.#taker);
		if (answer?.kind === "nack" && this.#heartbeats.isHeartbeat(answer.response)) this.#lost();
		const wants = first || request.subscribe.length + request.unsubscribe.length > 0;
		if (wants) {
			this.#state.want(request, first, owed);
			// What had changed may have been given up.
			this.#takeSince();
		}
		// An ACK of what was no probe makes nothing due.
		const isPlainAck = !wants && answer?.kind === "ack" && !answer.response.probe && !answer.probeSkipped;
		if (!isPlainAck && this.pending) this.#onDue();
		return answer;
	}

	changed(name: string, at: number, previous: EncodedResource | undefined): void {
		this.missed(name, at, previous?.version);
	}

	missed(name: string, at: number, previous: string | undefined): void {
		if (!this.#state.changed(name, previous)) return;
		this.#since ??= at;
		this.#onDue();
	}

	behind(): void {
		this.#onDue();
	}

	resend(name: string): void {
		this.#state.follower?.catchUp();
		const resource = this.#set.get(name);
		if (!this.#state.named.has(name) || (resource && this.#refusals.isHeld(resource))) return;
		this.#state.spellOut();
		this.#state.force(name);
		this.#onDue();
	}

	/** What was sent and not answered in time is sent in full, too. */
	heartbeat(late: boolean): void {
		this.#state.follower?.catchUp();
		this.#state.spellOut();
		const onItsWay = this.log.unansweredNames();
		const whole = late || this.log.unanswered > 0;
		for (const name of this.#state.known()) {
			const has = this.#state.versions.of(name);
			if (has === NOTHING || this.#state.pending.has(name) || this.#state.leaving.has(name)) continue;
			const resource = this.#set.get(name);
			const held = resource !== undefined && this.#refusals.isHeld(resource);
			if (resource && !held && (whole || has === UNKNOWN)) this.#state.force(name);
			else if (has !== UNKNOWN && !onItsWay.has(name)) this.#heartbeats.add(name, has);
		}
		this.#onDue();
	}

	/** R26: the client rejects a heartbeat, as it has nothing that could live on. It gets all again, but what it rejects. */
	#lost(): void {
		for (const name of this.#state.known())
			if (this.#state.versions.of(name) !== NOTHING) this.#state.versions.note(name, UNKNOWN);
		this.heartbeat(false);
	}

	next(phase: Phase): Draft | undefined {
		if (phase === "update") {
			const early = this.#nextFirst() ?? this.#nextAsOthers();
			if (early) return early;
		} else if (!this.#state.unanswered) {
			this.#state.follower?.catchUp();
			return this.#nextRemovals();
		}
		return this.#nextChanges() ?? this.#heartbeats.next(this.#set.version, (name) => this.#state.versionOf(name));
	}

	/** Almost every push: the stream had everything, and so had others. */
	#nextAsOthers(): Draft | undefined {
		const { follower } = this.#state;
		if (!follower?.isBehind || !this.#isSettled) return undefined;
		const shared = this.#shared.get(follower, "delta");
		if (shared) {
			follower.forgo();
			return shared;
		}
		const { place } = follower;
		const draft = this.#nextChanges();
		return draft && this.#isSettled && !follower.isBehind ? this.#shared.share(place, follower, draft, "delta") : draft;
	}

	get #isSettled(): boolean {
		const { size, probeDue } = this.#refusals;
		return this.#state.isSettled && size === 0 && !probeDue && this.#since === undefined;
	}

	close(): void {
		this.#state.close();
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
			if (this.#state.versionOf(name) === version) this.#state.setVersion(name, has);
			return this.#state.wants(name) && this.#set.get(name)?.version === version;
		});
		const isGone = (name: string) => this.#state.wants(name) && this.#state.isGone(name);
		const gone = content.resources.filter((each) => isPlaceholder(this.type, each) && !suspects.includes(each));
		const accused = content.resources.length - gone.length;
		// What goes was hardly rejected for itself where it came with something else. Alone it is not sent once more.
		if (accused > 0) {
			for (const { name } of gone) if (isGone(name)) this.#state.leaving.set(name, "placeholder");
			for (const name of content.removed) if (isGone(name)) this.#state.leaving.set(name, "removed");
		}
		return { suspects, accused };
	}

	#nextFirst(): Draft | undefined {
		if (!this.#state.unanswered) return undefined;
		const answer = firstAnswer("delta", this.#set, this.#state.named.first);
		// It has all changes up to now in it.
		this.#state.follower?.forgo();
		if (answer) this.#state.answered();
		else this.#state.spellOut();
		return answer?.draft;
	}

	/** A part of a rejected response. What has changed since goes like any other change. */
	#nextProbe(): Draft | undefined {
		for (let probe = this.#refusals.takeProbe(); probe; probe = this.#refusals.takeProbe()) {
			const draft = new DeltaDraft();
			for (const name of probe) {
				const resource = this.#state.wants(name) ? this.#set.get(name) : undefined;
				if (resource && this.#refusals.isHeld(resource)) {
					const has = this.#state.versionOf(name);
					draft.add(resource, has);
					if (has !== NOTHING) draft.replaced.push(name);
					this.#state.setVersion(name, resource.version);
				} else {
					this.#refusals.release(name);
					if (resource) this.#state.pending.add(name);
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
		this.#state.follower?.catchUp();
		const probe = this.#nextProbe();
		if (probe) return probe;
		this.#state.follower?.catchUp();
		const draft = new DeltaDraft();
		for (const name of this.#state.pending) {
			const wants = this.#state.wants(name);
			const has = wants ? this.#state.versions.of(name) : NOTHING;
			const resource = wants ? this.#resourceFor(name, has) : undefined;
			const forced = this.#state.forced.has(name);
			if (resource && this.#refusals.isHeld(resource)) {
				// R7: it was rejected as it is.
			} else if (resource && (forced || resource.version !== has)) {
				if (!draft.add(resource, has)) break;
				this.#refusals.release(name);
				if (has !== NOTHING) draft.replaced.push(name);
				if (resource === this.#set.get(name)) this.#state.versions.isPresent(name);
				else this.#state.versions.note(name, resource.version);
			} else if (wants && this.#set.isAwaited(name)) {
				// What was asked for is owed still, even if it turns out to be what the client has (R17, R29).
				this.#state.pending.delete(name);
				continue;
			} else if (!resource) {
				// R31: at once where the client only asked; what it has goes after everything new (R18). Without its assignment
				// Envoy would keep the old endpoints, so a service that is gone leaves an empty one (R20).
				if (has !== NOTHING)
					this.#state.leaving.set(name, this.type.placeholder && !forced ? "placeholder" : "removed");
				else if (forced && !draft.remove(name)) break;
			} else {
				// It changed and changed back.
				this.#state.versions.note(name, has);
			}
			this.#state.pending.delete(name);
			this.#state.forced.delete(name);
		}
		if (draft.isEmpty && (!this.#state.answerDue || this.#state.leaving.size > 0)) {
			if (this.#state.leaving.size === 0) this.#since = undefined;
			return undefined;
		}
		return this.#finish(draft);
	}

	#nextRemovals(): Draft | undefined {
		if (this.#state.leaving.size === 0) return undefined;
		const draft = new DeltaDraft();
		for (const [name, how] of this.#state.leaving) {
			const placeholder = how === "placeholder" ? placeholderOf(this.type, name) : undefined;
			// A service that had no endpoints leaves nothing to say, and one that is unknown by now is not gone (R19).
			if (!this.#set.isAwaited(name) && placeholder?.version !== this.#state.versionOf(name)) {
				if (!(placeholder ? draft.add(placeholder, this.#state.versionOf(name)) : draft.remove(name))) break;
				this.#state.setVersion(name, placeholder?.version ?? NOTHING);
			}
			this.#state.leaving.delete(name);
		}
		if (draft.isEmpty && !this.#state.answerDue) {
			this.#since = undefined;
			return undefined;
		}
		return this.#finish(draft);
	}

	#finish({ resources, removed, replaced, had }: DeltaDraft): Draft {
		this.#state.answerDue = false;
		const absent = removed.filter((name) => name !== "" && this.#state.named.has(name));
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
		if (this.#state.pending.size === 0 && this.#state.leaving.size === 0) this.#since = undefined;
		return since;
	}
}
