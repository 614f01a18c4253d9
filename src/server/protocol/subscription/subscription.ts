import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { Steps } from "../../../util/steps.js";
import type { Ack } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { Phase } from "../rules/order.js";

/** What a request says. */
export interface Taken {
	readonly ack: Ack | undefined;
	/** The steps to take what it asks for; undefined if that is nothing, or the same as before: of almost every ACK. */
	readonly rest: Steps<void> | undefined;
}

/** What one stream wants of one type, and what it still has to be sent. Pure: no I/O, no timers. */
export interface Subscription<Request> {
	readonly stream: TypeStream;
	readonly wildcard: boolean;
	/** Whether any name is asked for by itself. */
	readonly hasNames: boolean;
	/** The names asked for one by one. */
	names(): Iterable<string>;
	/** Whether it gets the resource of that name: asked for by itself, or listed by a wildcard. */
	wants(name: string): boolean;
	/**
	 * Takes a request. The names are taken one by one, in steps: between two of them everything is as if
	 * the client had spread them over requests (R14), so changes may come, and it may be closed.
	 * @param waiting names that the client waits for, even if it has them: their parents were sent
	 *   before (R17).
	 * @throws RpcError if it asks for more names than it may; the steps do, too.
	 */
	receive(request: Request, waiting: ReadonlySet<string>): Taken;
	/** Whether there may be a response to send. */
	readonly isDue: boolean;
	/** Whether the resource of that name waits to be sent. */
	isDueFor(name: string): boolean;
	/** Whether the client has ACKed the newest version of that name. */
	hasAcked(name: string): boolean;
	/** The next response that is due in the phase; it counts as sent. */
	next(phase: Phase): Draft | undefined;
	/**
	 * Sends the resource of that name again though it has not changed, if it is subscribed; another
	 * version where the client rejects it.
	 */
	resend(name: string): void;
	/**
	 * Gives what the client has more time to live (R26).
	 * @param late whether the client may have lost what it had: then that is sent again.
	 */
	heartbeat(late: boolean): void;
	/**
	 * The client sees another set from now on: what it has and may not see any more is gone for it, and never sent again.
	 * @param differing names of which that has something else. @param at as in Subscriber.changed().
	 */
	moveTo(set: ResourceSet, differing: readonly string[], at: number): void;
	/** Ends all interest in changes. */
	close(): void;
}
