import type { Draft } from "../../cache/memo/draft.js";
import type { EncodedResponse } from "../../cache/memo/encoded-responses.js";
import { ResourceSet } from "../../cache/resource-set.js";
import { type ResourceType, TYPE_IDS, type TypeId } from "../../resources/resource-type.js";
import { REMOVAL_ORDER } from "../../resources/resource-types.js";
import { atOnce, type Steps } from "../../util/steps.js";
import { encodeResponse } from "../wire/encode-response.js";
import type { Mode } from "../wire/mode.js";
import type { Ack, SentResponse } from "./acks/response-log.js";
import { TypeStream } from "./acks/type-stream.js";
import type { TypeStatus } from "./client-status.js";
import { MissingNames, missingNames } from "./missing-names.js";
import { Children } from "./rules/children.js";
import type { Phase } from "./rules/order.js";
import { responseKey } from "./subscription/response-key.js";
import type { Subscription } from "./subscription/subscription.js";
import type { Variant } from "./variants.js";

const NONE: readonly string[] = [];

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

	/** The newest request of a type supersedes the older ones (R8). */
	receive(type: ResourceType, request: Request): Received {
		return atOnce(this.receiveInSteps(type, request));
	}

	/** The same, a name a step. Before it is done, next() is not to be called, nor another request received. */
	*receiveInSteps(type: ResourceType, request: Request): Steps<Received> {
		const existing = this.#subscriptions.get(type.id);
		const subscription = existing ?? (yield* this.#subscribe(type));
		this.#isReceiving = true;
		const ack = yield* subscription.receive(request, this.#children.take(type.id));
		this.#isReceiving = false;
		// What a client brings along has lived for a while.
		if (!existing) this.#heartbeat(subscription, false);
		const asked = this.#variant.asked(request);
		if (asked.length > 0) this.#missing ??= new MissingNames();
		const missing = this.#missing?.newIn(subscription, asked) ?? NONE;
		return { type, ack, asksNothing: !existing && asksNothing(subscription), missing, subscription };
	}

	/**
	 * Gives what the client has more time to live (R26).
	 * @param late whether it may have lost what it had.
	 */
	heartbeat(late: boolean): void {
		for (const subscription of this.#subscriptions.values()) this.#heartbeat(subscription, late);
	}

	/**
	 * How many names of the type the stream would ask for after the request; 0 if it adds none, or is
	 * the first.
	 * @param most if it is no more, it need not be exact.
	 */
	namesAfter(type: ResourceType, request: Request, most: number): number | Steps<number> {
		return this.#subscriptions.get(type.id)?.sizeAfter(request, most) ?? 0;
	}

	/** The names of the type that the stream asks for one by one. */
	namesOf(type: ResourceType): Iterable<string> {
		return this.#subscriptions.get(type.id)?.names() ?? [];
	}

	/** Whether there may be something to send. */
	get isDue(): boolean {
		return this.#updates.some((subscription) => subscription.isDue);
	}

	/** The next response that is due, or undefined: then nothing is. */
	next(): Outgoing | undefined {
		if (!this.isDue) return undefined;
		return this.#nextOf(this.#updates, "update") ?? this.#nextOf(this.#removals, "removal");
	}

	status(): Record<string, TypeStatus> {
		const types: Record<string, TypeStatus> = {};
		for (const [id, subscription] of this.#subscriptions) {
			const { log, nacks } = subscription.stream;
			const idle = asksNothing(subscription);
			types[id] = {
				mode: this.mode,
				wildcard: subscription.wildcard,
				// Who only counts clients does not need them.
				get names() {
					return [...subscription.names()];
				},
				get missing() {
					return [...missingNames(subscription)];
				},
				sent: log.sent,
				acked: log.acked,
				nacked: nacks.nack,
				asksNothing: idle,
				synced: !idle && !this.#isReceiving && !subscription.isDue && log.inFlight === 0 && nacks.nack === null,
			};
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

	*#subscribe({ id }: ResourceType): Steps<Subscription<Request>> {
		const acquired = this.#context.acquire(id);
		const set = acquired instanceof ResourceSet ? acquired : yield* acquired;
		const subscription = this.#variant.subscribe(new TypeStream(this.mode, set, this.#context.onDue));
		this.#subscriptions.set(id, subscription);
		const inOrder = (order: readonly TypeId[]) => order.flatMap((type) => this.#subscriptions.get(type) ?? []);
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
		const sent = { nonce, version, content, replacedVersions, probe, since };
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
		const encoded = { sequence, nonce, frame: encodeResponse(this.mode, set.type, draft, nonce, ttl), content };
		if (key) memo.set(key, encoded);
		return encoded;
	}
}

function asksNothing({ wildcard, hasNames }: Pick<Subscription<never>, "wildcard" | "hasNames">): boolean {
	return !wildcard && !hasNames;
}
