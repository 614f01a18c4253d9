import type { Draft } from "../../cache/memo/draft.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import { RESOURCE_TYPES, type ResourceType, type TypeId } from "../../resources/resource-type.js";
import type { DeltaRequest, SotwRequest } from "../wire/discovery-request.js";
import { encodeResponse } from "../wire/encode-response.js";
import type { Mode } from "../wire/mode.js";
import type { TypeStatus } from "./client-status.js";
import { DeltaSubscription } from "./delta/delta-subscription.js";
import { responseKey } from "./response-key.js";
import type { Ack } from "./response-log.js";
import type { Phase } from "./rules/order.js";
import { SotwCompleteSubscription } from "./sotw/sotw-complete-subscription.js";
import { SotwPartialSubscription } from "./sotw/sotw-partial-subscription.js";
import type { SotwSubscription } from "./sotw/sotw-subscription.js";
import type { OnDue, Subscription } from "./subscription.js";

/** What a session needs of its surroundings. */
export interface SessionContext {
	/** The resources of the type for this client, in use until the session is closed. */
	acquire(type: TypeId): ResourceSet;
	release(type: TypeId): void;
	/** A number that no response of this process has had. */
	nextSequence(): number;
	/** Milliseconds that resources of some types live at this client (R26): 0 is for ever, undefined is not its affair. */
	ttl?(): number | undefined;
	/** A response became due. */
	readonly onDue: () => void;
}

/** An encoded response that counts as sent. */
export interface Outgoing {
	readonly type: ResourceType;
	/** The message with its prefix, as it crosses the wire. */
	readonly frame: Buffer;
	/** Whether nobody asked for it. */
	readonly push: boolean;
}

export interface Received {
	readonly type: ResourceType;
	readonly answer: Ack | undefined;
}

/** Removals go in this order after all that is new (R18): listeners before the clusters that they lead to. */
const REMOVAL_ORDER: readonly TypeId[] = ["lds", "rds", "cds", "eds"];

const UPDATE_ORDER: readonly TypeId[] = RESOURCE_TYPES.map(({ id }) => id);

const NOTHING_OWED: ReadonlySet<string> = new Set();

/** What one stream wants of one type, and the resources that it gets it from. */
export interface TypeStream {
	readonly set: ResourceSet;
	readonly subscription: SotwSubscription | DeltaSubscription;
}

/** One stream's side of the protocol: an independent subscription a type (R1). Pure: no I/O, no timers. */
export class Session {
	readonly mode: Mode;
	readonly #context: SessionContext;
	readonly #streams = new Map<TypeId, TypeStream>();
	/** The streams in the orders in which they are sent. */
	#updates: readonly TypeStream[] = [];
	#removals: readonly TypeStream[] = [];
	/** Names whose parent was sent before the client has asked for the type at all (R17). */
	readonly #owed = new Map<TypeId, Set<string>>();

	constructor(mode: Mode, context: SessionContext) {
		this.mode = mode;
		this.#context = context;
	}

	receiveSotw(type: ResourceType, request: SotwRequest): Received {
		const first = !this.#streams.has(type.id);
		const { subscription } = this.#stream(type);
		const answer = (subscription as SotwSubscription).receive(request);
		if (first) this.#heartbeat(type, subscription, false);
		return { type, answer };
	}

	receiveDelta(type: ResourceType, request: DeltaRequest): Received {
		const first = !this.#streams.has(type.id);
		const { subscription } = this.#stream(type);
		const owed = this.#owed.get(type.id) ?? NOTHING_OWED;
		if (first) this.#owed.delete(type.id);
		const answer = (subscription as DeltaSubscription).receive(request, owed);
		if (first) this.#heartbeat(type, subscription, false);
		return { type, answer };
	}

	/** Gives what the client has more time to live (R26). @param late whether it may have lost what it had. */
	heartbeat(late: boolean): void {
		for (const { set, subscription } of this.#streams.values()) this.#heartbeat(set.type, subscription, late);
	}

	/** How many names of the type the stream would ask for after the request; 0 if it asks for none more. */
	namesAfter(type: ResourceType, { subscribe, unsubscribe }: DeltaRequest): number {
		const subscription = this.#streams.get(type.id)?.subscription as DeltaSubscription | undefined;
		if (!subscription) return subscribe.length;
		// Almost all requests are answers.
		if (subscribe.length === 0) return 0;
		const gone = new Set(unsubscribe.filter((name) => subscription.has(name)));
		const added = new Set(subscribe.filter((name) => gone.has(name) || !subscription.has(name)));
		return subscription.size - gone.size + added.size;
	}

	/** Whether there may be something to send. */
	get isDue(): boolean {
		return this.#updates.some(({ subscription }) => subscription.pending);
	}

	/** The next response that is due, or undefined: then nothing is. */
	next(): Outgoing | undefined {
		if (!this.isDue) return undefined;
		return this.#nextOf(this.#updates, "update") ?? this.#nextOf(this.#removals, "removal");
	}

	status(): Record<string, TypeStatus> {
		const types: Record<string, TypeStatus> = {};
		for (const [id, { subscription }] of this.#streams) {
			const { log } = subscription;
			types[id] = {
				mode: this.mode,
				wildcard: subscription.wildcard,
				names: [...subscription.names()].sort(),
				sent: log.sent,
				acked: log.acked,
				nacked: subscription.nack,
				synced: !subscription.pending && log.inFlight === 0 && subscription.nack === null,
			};
		}
		return types;
	}

	get streams(): Iterable<TypeStream> {
		return this.#streams.values();
	}

	/** The types that the client has asked for. */
	get types(): Iterable<TypeId> {
		return this.#streams.keys();
	}

	close(): void {
		for (const [id, { subscription }] of this.#streams) {
			subscription.close();
			this.#context.release(id);
		}
		this.#streams.clear();
		this.#updates = [];
		this.#removals = [];
	}

	#nextOf(streams: readonly TypeStream[], phase: Phase): Outgoing | undefined {
		for (const stream of streams) {
			if (!stream.subscription.pending) continue;
			const draft = stream.subscription.next(phase);
			if (draft) return this.#send(stream, draft);
		}
		return undefined;
	}

	/** Also at the first request: what a client brings along has lived for a while. */
	#heartbeat({ expires }: ResourceType, subscription: Subscription, late: boolean): void {
		if (expires && this.#context.ttl?.() !== undefined) subscription.heartbeat(late);
	}

	#stream(type: ResourceType): TypeStream {
		let stream = this.#streams.get(type.id);
		if (!stream) {
			const set = this.#context.acquire(type.id);
			const { onDue } = this.#context;
			const subscription = this.mode === "sotw" ? newSotwSubscription(set, onDue) : new DeltaSubscription(set, onDue);
			stream = { set, subscription };
			this.#streams.set(type.id, stream);
			const inOrder = (order: readonly TypeId[]) => order.flatMap((id) => this.#streams.get(id) ?? []);
			this.#updates = inOrder(UPDATE_ORDER);
			this.#removals = inOrder(REMOVAL_ORDER);
		}
		return stream;
	}

	#send({ set, subscription }: TypeStream, draft: Draft): Outgoing {
		const { type } = set;
		this.#sendChildren(type, draft);
		const { log } = subscription;
		const ttl = (type.expires && this.#context.ttl?.()) || 0;
		const responses = set.memos.responses[this.mode];
		const key = responseKey(this.mode, set, draft, ttl);
		let shared = responses.get(key, log.lastSequence);
		if (!shared) {
			const sequence = this.#context.nextSequence();
			const nonce = String(sequence);
			const { resources, removed } = draft;
			const content = { resources, removed, accepted: false };
			shared = { sequence, nonce, frame: encodeResponse(this.mode, type, draft, nonce, ttl), content };
			responses.set(key, shared);
		}
		const { sequence, nonce, frame, content } = shared;
		const { version, replacedVersions, probe, since } = draft;
		log.record(sequence, { nonce, version, content, replacedVersions, probe, since });
		return { type, frame, push: since !== undefined || probe };
	}

	/** R17: what waits for a changed parent is sent again, though it has not changed. */
	#sendChildren(type: ResourceType, { replaced, resources }: Draft): void {
		if (!type.child) return;
		const child = this.#streams.get(type.child)?.subscription as Subscription | undefined;
		if (child) {
			for (const name of replaced) child.resend(name);
		} else if (this.mode === "delta") {
			// What the client brings versions of may have lost its parent meanwhile, or have it from a response that was
			// rejected in part: then it is in use but not among the parent's initial versions.
			const owed = this.#owed.get(type.child) ?? new Set();
			for (const { name } of resources) owed.add(name);
			this.#owed.set(type.child, owed);
		}
	}
}

function newSotwSubscription(set: ResourceSet, onDue: OnDue): SotwSubscription {
	return set.type.complete ? new SotwCompleteSubscription(set, onDue) : new SotwPartialSubscription(set, onDue);
}
