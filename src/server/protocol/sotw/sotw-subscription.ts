import type { Cursor, Subscriber } from "../../../cache/change-feed.js";
import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import type { ResourceType } from "../../../resources/resource-type.js";
import type { SotwRequest } from "../../wire/discovery-request.js";
import type { Nack } from "../client-status.js";
import { type AckContext, applyAck, type Suspects, withhold } from "../nacks/apply-ack.js";
import { Nacks } from "../nacks/nacks.js";
import { type Ack, ResponseLog, type SentResponse } from "../response-log.js";
import type { Phase } from "../rules/order.js";
import type { OnDue, Subscription } from "../subscription.js";
import { type NamesChange, SotwNames } from "./sotw-names.js";

/** State of the world: the client sends all names it wants each time. What it gets for them depends on the type. */
export abstract class SotwSubscription implements Subscription, Subscriber {
	readonly type: ResourceType;
	readonly log = new ResponseLog();
	protected readonly set: ResourceSet;
	protected readonly wanted: SotwNames;
	protected readonly nacks = new Nacks();
	/** Whether the client came with a version: then it may have what is not known here yet. */
	protected cameWithVersion = false;
	/** Its place among the changes of what it wants. */
	protected cursor: Cursor | undefined;
	/** When the oldest change that is still to be sent was made. */
	protected since: number | undefined;
	protected readonly onDue: OnDue;
	readonly #ackContext: AckContext;
	#started = false;

	constructor(set: ResourceSet, onDue: OnDue) {
		this.set = set;
		this.type = set.type;
		this.wanted = new SotwNames(set.type);
		this.onDue = onDue;
		this.#ackContext = { set, nacks: this.nacks, takeBack: (response) => this.takeBack(response) };
	}

	get wildcard(): boolean {
		return this.wanted.wildcard;
	}

	get nack(): Nack | null {
		return this.nacks.nack;
	}

	names(): Iterable<string> {
		return this.wanted;
	}

	abstract get pending(): boolean;

	/** Whether the name's resource waits to be sent. */
	abstract isDue(name: string): boolean;

	abstract resend(name: string): void;

	/**
	 * In SotW always by the resources themselves: the specification has an entry without a body, but Envoy's SotW client
	 * takes that for one that is missing, and deletes what should have lived on.
	 */
	abstract heartbeat(): void;

	abstract next(phase: Phase): Draft | undefined;

	receive(request: SotwRequest): Ack | undefined {
		// Almost every request is the ACK of what was pushed: by that the client is told nothing more or less.
		const same = this.wanted.areAskedFor(request.names);
		if (!same || request.error) this.cursor?.read();
		if (!this.#started) {
			this.#started = true;
			this.cameWithVersion = request.version !== "";
			this.#subscribe(request, true);
			return undefined;
		}
		const { lastNonce } = this.log;
		const repeated = request.nonce === lastNonce && !this.log.isInFlight(lastNonce);
		const answer = applyAck(this.log.acknowledge(request.nonce, request.error, request.version), this.#ackContext);
		if (answer) this.answered(answer);
		if (lastNonce !== "" && request.nonce !== lastNonce) {
			this.wanted.noteStale(request.names);
			return answer;
		}
		const changed = this.#subscribe(request, false);
		// R17: a SotW Envoy whose cluster warms again repeats its request unchanged and waits for the answer. A client
		// that rejected the content would only reject it again (R7).
		if (repeated && !changed && !request.error && !this.nack && lastNonce !== "") {
			for (const name of this.wanted) this.resend(name);
		}
		return answer;
	}

	abstract changed(name: string, at: number, previous: EncodedResource | undefined): void;

	close(): void {
		this.set.unsubscribeAll(this);
		if (this.cursor) this.set.unfollow(this.wanted.named, this.cursor);
		this.cursor = undefined;
		this.nacks.clear();
	}

	/** The client has ACKed or rejected a response. */
	protected answered(_answer: Ack): void {
		if (this.nacks.probeDue) this.onDue();
	}

	/** What was in a rejected response the client does not have. @returns what of it is still to be had. */
	protected abstract takeBack(response: SentResponse): Suspects;

	/** The client wants something else. @param version that it came with, in the first request. */
	protected abstract wantsOther(change: NamesChange, version: string | undefined): void;

	/**
	 * The next part of a rejected response: the resources of it that are as they were.
	 * @param changed told what else is there of a name of the part.
	 */
	protected takeProbe(changed: (name: string) => void = () => {}): readonly EncodedResource[] | undefined {
		for (let probe = this.nacks.takeProbe(); probe; probe = this.nacks.takeProbe()) {
			const resources: EncodedResource[] = [];
			for (const name of probe) {
				const resource = this.wanted.wants(name) ? this.set.get(name) : undefined;
				if (resource && this.nacks.isNacked(resource)) resources.push(resource);
				else {
					this.nacks.release(name);
					if (this.wanted.wants(name)) changed(name);
				}
			}
			if (resources.length > 0) return resources;
			withhold(this.set, this.nacks.probeSkipped());
		}
		return undefined;
	}

	/** Neither there nor awaited. */
	protected isGone(name: string): boolean {
		return !this.set.get(name) && !this.set.isAwaited(name);
	}

	/** @returns whether the request wants something else than the one before it. */
	#subscribe({ names, version }: SotwRequest, first: boolean): boolean {
		if (this.wanted.areAskedFor(names)) return false;
		// What was concluded from an answer may have changed something.
		this.cursor?.read();
		const { named } = this.wanted;
		const change = this.wanted.update(names);
		if (!change) return false;
		if (change.newlyWildcard) this.set.subscribeAll(this);
		else if (change.noLongerWildcard) this.set.unsubscribeAll(this);
		if (this.wanted.named !== named) {
			const before = this.cursor;
			this.cursor = this.set.follow(this.wanted.named, this);
			if (before) this.set.unfollow(named, before);
		}
		if (this.nacks.size > 0) {
			if (!this.wanted.all) for (const name of change.removed) this.nacks.release(name);
			for (const name of change.added) this.nacks.release(name);
		}
		this.wantsOther(change, first ? version : undefined);
		return change.newlyWildcard || change.added.size > 0 || change.removed.size > 0;
	}
}
