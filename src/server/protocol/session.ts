import { differences } from "../../cache/differences.js";
import type { Draft } from "../../cache/memo/draft.js";
import type { EncodedResponse } from "../../cache/memo/encoded-responses.js";
import { ResourceSet } from "../../cache/resource-set.js";
import { type ResourceType, TYPE_IDS, type TypeId } from "../../resources/resource-type.js";
import { REMOVAL_ORDER } from "../../resources/resource-types.js";
import { atOnce, type MaybeSteps, type Steps } from "../../util/steps.js";
import { type ControlPlaneFields, encodeResponse } from "../wire/encode-response.js";
import type { Mode } from "../wire/mode.js";
import type { Ack, SentResponse } from "./acks/response-log.js";
import { TypeStream } from "./acks/type-stream.js";
import type { TypeStatus } from "./client-status.js";
import { MissingNames } from "./missing-names.js";
import { Children } from "./rules/children.js";
import type { Phase } from "./rules/order.js";
import { responseKey } from "./subscription/response-key.js";
import type { Subscription } from "./subscription/subscription.js";
import { asksNothing, typeStatus } from "./type-status.js";
import type { Variant } from "./variants.js";

const NONE: readonly string[] = [];
const NONE_WAITING: ReadonlySet<string> = new Set();

/** What a session needs of its surroundings. */
export interface SessionContext {
	/** The resources of the type for this client, in use until the session is closed. */
	acquire(type: TypeId): ResourceSet | Steps<ResourceSet>;
	release(type: TypeId): void;
	/** A number that no response of this process has had. */
	nextSequence(): number;
	/**
	 * Milliseconds that resources of some types live at this client (R26): 0 is for ever, undefined
	 * is not its affair.
	 */
	ttl?(): number | undefined;
	/** Who sends the responses; nothing is said unless given. */
	readonly controlPlane?: ControlPlaneFields | undefined;
	/** A response became due. */
	readonly onDue: () => void;
	/** Refuses more names of a type than there may be; any number unless it is given. @throws RpcError */
	readonly checkNames?: (count: number) => void;
}

/** An encoded response that counts as sent. */
export interface Outgoing {
	readonly type: ResourceType;
	/** The message with its prefix, as it crosses the wire. */
	readonly frame: Buffer;
	/** Whether nobody asked for it. */
	readonly push: boolean;
	/** What is in it. */
	readonly sent: SentResponse;
}

export interface Received {
	readonly type: ResourceType;
	readonly ack: Ack | undefined;
	/** Whether it is the first request of the type and asks for nothing. */
	readonly asksNothing: boolean;
	/** Names that it asks for and that do not exist; each is told once. */
	readonly missing: readonly string[];
	/** Which of the session it is for. */
	readonly subscription: Pick<Subscription<never>, "isDue">;
}

/**
 * One stream's side of the protocol: an independent subscription a type (R1). Pure: no I/O, no
 * timers.
 */
export class Session<Request> {
	readonly mode: Mode;
	readonly #variant: Variant<Request>;
	readonly #context: SessionContext;
	readonly #subscriptions = new Map<TypeId, Subscription<Request>>();
	/** The subscriptions in the orders in which their responses are sent (R18). */
	#updates: readonly Subscription<Request>[] = [];
	#removals: readonly Subscription<Request>[] = [];
	readonly #children: Children;
	#isReceiving = false;
	/** Made with the first name that is asked for. */
	#missing: MissingNames | undefined;

	constructor(variant: Variant<Request>, context: SessionContext) {
		this.mode = variant.mode;
		this.#variant = variant;
		this.#context = context;
		this.#children = new Children(variant.mode);
	}

	/**
	 * The newest request of a type supersedes the older ones (R8).
	 * @returns steps where it asks for something, a name a step. Before these are done, next() is not to be called, nor
	 *   another request received.
	 * @throws RpcError if it asks for more names than it may; the steps do, too.
	 */
	receive(type: ResourceType, request: Request): MaybeSteps<Received> {
		const subscription = this.#subscriptions.get(type.id);
		if (!subscription) return this.#receiveFirst(type, request);
		const { ack, rest } = subscription.receive(request, NONE_WAITING);
		if (rest) return this.#receiveRest(rest, () => this.#received(request, subscription, ack, false));
		return this.#received(request, subscription, ack, false);
	}

	/**
	 * Gives what the client has more time to live (R26).
	 * @param late whether it may have lost what it had.
	 */
	heartbeat(late: boolean): void {
		for (const subscription of this.#subscriptions.values()) this.#heartbeat(subscription, late);
	}

	/** The names of the type that the stream asks for one by one. */
	namesOf(type: ResourceType): Iterable<string> {
		return this.#subscriptions.get(type.id)?.names() ?? [];
	}

	/** Whether there may be something to send. */
	get isDue(): boolean {
		for (const subscription of this.#updates) if (subscription.isDue) return true;
		return false;
	}

	/** The next response that is due, or undefined: then nothing is. */
	next(): Outgoing | undefined {
		return this.#nextOf(this.#updates, "update") ?? this.#nextOf(this.#removals, "removal");
	}

	/**
	 * The client sees what context.acquire() gives by now, which was used up to here in other sets: these are to be released.
	 * Not while a request is received. @param at `performance.now()` of the change.
	 */
	move(at: number): void {
		for (const [id, subscription] of this.#subscriptions) {
			const acquired = this.#context.acquire(id);
			const set = acquired instanceof ResourceSet ? acquired : atOnce(acquired);
			const { set: before } = subscription.stream;
			if (set !== before) subscription.moveTo(set, differences(before, set), at);
		}
		if (this.isDue) this.#context.onDue();
	}

	status(): Record<string, TypeStatus> {
		const types: Record<string, TypeStatus> = {};
		for (const [id, subscription] of this.#subscriptions) {
			types[id] = typeStatus(subscription, this.#isReceiving);
		}
		return types;
	}

	get subscriptions(): Iterable<Subscription<Request>> {
		return this.#subscriptions.values();
	}

	/** The types that the client has asked for. */
	get types(): Iterable<TypeId> {
		return this.#subscriptions.keys();
	}

	close(): void {
		for (const [id, subscription] of this.#subscriptions) {
			subscription.close();
			this.#context.release(id);
		}
		this.#subscriptions.clear();
		this.#updates = [];
		this.#removals = [];
	}

	*#receiveFirst({ id }: ResourceType, request: Request): Steps<Received> {
		const acquired = this.#context.acquire(id);
		const subscription = this.#subscribe(acquired instanceof ResourceSet ? acquired : yield* acquired);
		const { ack, rest } = subscription.receive(request, this.#children.take(id));
		if (rest) return yield* this.#receiveRest(rest, () => this.#received(request, subscription, ack, true));
		return this.#received(request, subscription, ack, true);
	}

	*#receiveRest(rest: Steps<void>, received: () => Received): Steps<Received> {
		this.#isReceiving = true;
		yield* rest;
		this.#isReceiving = false;
		return received();
	}

	#received(request: Request, subscription: Subscription<Request>, ack: Ack | undefined, isFirst: boolean): Received {
		// What a client brings along has lived for a while.
		if (isFirst) this.#heartbeat(subscription, false);
		const asked = this.#variant.asked(request);
		if (asked.length > 0) this.#missing ??= new MissingNames();
		const missing = this.#missing?.newIn(subscription, asked) ?? NONE;
		const { type } = subscription.stream.set;
		return { type, ack, asksNothing: isFirst && asksNothing(subscription), missing, subscription };
	}

	#subscribe(set: ResourceSet): Subscription<Request> {
		const { onDue, checkNames } = this.#context;
		const subscription = this.#variant.subscribe(new TypeStream(this.mode, set, onDue, checkNames));
		this.#subscriptions.set(set.type.id, subscription);
		const inOrder = (order: readonly TypeId[]) =>
			order.map((type) => this.#subscriptions.get(type)).filter((each) => each !== undefined);
		this.#updates = inOrder(TYPE_IDS);
		this.#removals = inOrder(REMOVAL_ORDER);
		return subscription;
	}

	#nextOf(subscriptions: readonly Subscription<Request>[], phase: Phase): Outgoing | undefined {
		for (const subscription of subscriptions) {
			if (!subscription.isDue) continue;
			const draft = subscription.next(phase);
			if (draft) return this.#send(subscription.stream, draft);
		}
		return undefined;
	}

	#heartbeat(subscription: Subscription<Request>, late: boolean): void {
		const { expires } = subscription.stream.set.type;
		if (expires && this.#context.ttl?.() !== undefined) subscription.heartbeat(late);
	}

	#send(stream: TypeStream, draft: Draft): Outgoing {
		const { type } = stream.set;
		const child = type.child && this.#subscriptions.get(type.child);
		this.#children.parentSent(type, draft, child && ((name) => child.resend(name)));
		const { sequence, nonce, frame, content } = this.#encoded(stream, draft);
		const { version, replacedVersions, probe, since } = draft;
		const sent = { nonce, version, content, replacedVersions, probe, since, sentAt: 0 };
		stream.log.record(sequence, sent);
		return { type, frame, push: since !== undefined || probe, sent };
	}

	/**
	 * The response with the next nonce, or one that was encoded for another stream and has the same
	 * content.
	 */
	#encoded({ set, log }: TypeStream, draft: Draft): EncodedResponse {
		const ttl = (set.type.expires && this.#context.ttl?.()) || 0;
		const memo = set.memos.responses[this.mode];
		const key = draft.isOwn ? undefined : responseKey(this.mode, set, draft, ttl);
		const shared = key && memo.get(key, log.lastSequence);
		if (shared) return shared;
		const sequence = this.#context.nextSequence();
		const nonce = String(sequence);
		const content = { resources: draft.resources, removed: draft.removed, accepted: false };
		const extras = { ttl, controlPlane: this.#context.controlPlane };
		const encoded = { sequence, nonce, frame: encodeResponse(this.mode, set, draft, nonce, extras), content };
		if (key) memo.set(key, encoded);
		return encoded;
	}
}
