import type { LazySubscriber } from "../../../cache/change-feed.js";
import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { isPlaceholder } from "../../../resources/placeholder.js";
import type { ResourceType } from "../../../resources/resource-type.js";
import type { DeltaRequest } from "../../wire/discovery-request.js";
import type { Nack } from "../client-status.js";
import { type AckContext, applyAck, type Suspects } from "../nacks/apply-ack.js";
import { Nacks } from "../nacks/nacks.js";
import { NOTHING, UNKNOWN } from "../owed/client-versions.js";
import { type Ack, ResponseLog, type SentResponse } from "../response-log.js";
import type { Phase } from "../rules/order.js";
import type { OnDue, Subscription } from "../subscription.js";
import { DeltaResponses } from "./delta-responses.js";
import { DeltaState } from "./delta-state.js";
import { DueHeartbeats } from "./due-heartbeats.js";

/** Incremental: the client says what it wants more or less, and gets what changed and what is gone. */
export class DeltaSubscription implements Subscription, LazySubscriber {
	readonly type: ResourceType;
	readonly log = new ResponseLog();
	readonly #nacks = new Nacks();
	readonly #set: ResourceSet;
	readonly #onDue: OnDue;
	#started = false;
	readonly #state: DeltaState;
	readonly #heartbeats = new DueHeartbeats();
	readonly #responses: DeltaResponses;
	readonly #ackContext: AckContext;

	constructor(set: ResourceSet, onDue: OnDue) {
		this.#set = set;
		this.#state = new DeltaState(set, this, this.#nacks, this.log);
		this.#responses = new DeltaResponses(set, this.#state, this.#nacks);
		this.#ackContext = { set, nacks: this.#nacks, takeBack: (response) => this.#takeBack(response) };
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
		return this.#state.isDue || this.#nacks.probeDue || this.#heartbeats.size > 0;
	}

	/** Whether the name's resource waits to be sent. */
	isDue(name: string): boolean {
		this.#state.cursor?.read();
		return this.#state.pending.has(name) || (this.#state.initialDue && this.#state.named.has(name));
	}

	get nack(): Nack | null {
		return this.#nacks.nack;
	}

	/** @param owed names that the client waits for though it has them: their parents were sent before (R17). */
	receive(request: DeltaRequest, owed: ReadonlySet<string>): Ack | undefined {
		const first = !this.#started;
		this.#started = true;
		const wants = first || request.subscribe.length + request.unsubscribe.length > 0;
		// Almost every request is the ACK of what was pushed: by that the client is told nothing more or less.
		if (wants || request.error) this.#state.cursor?.read();
		const answer = first ? undefined : applyAck(this.log.acknowledge(request.nonce, request.error), this.#ackContext);
		if (answer?.kind === "nack" && this.#heartbeats.isHeartbeat(answer.response)) this.#lost();
		if (wants) {
			this.#state.want(request, first, owed);
			// What had changed may have been given up.
			this.#state.takeSince();
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
		if (this.#state.changed(name, at, previous)) this.#onDue();
	}

	behind(): void {
		this.#onDue();
	}

	resend(name: string): void {
		this.#state.cursor?.read();
		const resource = this.#set.get(name);
		if (!this.#state.named.has(name) || (resource && this.#nacks.isNacked(resource))) return;
		this.#state.spellOut();
		this.#state.force(name);
		this.#onDue();
	}

	/** What was sent and not answered in time is sent in full, too. */
	heartbeat(late: boolean): void {
		this.#state.cursor?.read();
		this.#state.spellOut();
		const inFlight = this.log.inFlightNames();
		const whole = late || this.log.inFlight > 0;
		for (const name of this.#state.known()) {
			const has = this.#state.versions.of(name);
			if (has === NOTHING || this.#state.pending.has(name) || this.#state.leaving.has(name)) continue;
			const resource = this.#set.get(name);
			const held = resource !== undefined && this.#nacks.isNacked(resource);
			if (resource && !held && (whole || has === UNKNOWN)) this.#state.force(name);
			else if (has !== UNKNOWN && !inFlight.has(name)) this.#heartbeats.add(name, has);
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
		const next = this.#responses.next(phase);
		if (next || phase === "removal") return next;
		return this.#heartbeats.next(this.#set.version, (name) => this.#state.versionOf(name));
	}

	close(): void {
		this.#state.close();
		this.#heartbeats.clear();
		this.#nacks.clear();
	}

	/** What was in a rejected response the client does not have. @returns what of it is still to be had. */
	#takeBack(rejected: SentResponse): Suspects {
		const { content, replacedVersions } = rejected;
		this.log.correctLater(rejected);
		const suspects = content.resources.filter((resource, i) => {
			const { name, version } = resource;
			const has = this.log.hasInFlight(name) ? UNKNOWN : replacedVersions[i] || UNKNOWN;
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
}
