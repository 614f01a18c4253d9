import type { Draft } from "../../cache/memo/draft.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { Nack } from "./client-status.js";
import type { ResponseLog } from "./response-log.js";
import type { Phase } from "./rules/order.js";

/** What one stream wants of one type, and what it still has to be sent. Pure: no I/O, no timers. */
export interface Subscription {
	readonly type: ResourceType;
	readonly log: ResponseLog;
	/** The newest NACK, until what was rejected has changed or was ACKed. */
	readonly nack: Nack | null;
	readonly wildcard: boolean;
	/** The names asked for one by one. */
	names(): Iterable<string>;
	/** Whether a response is due. */
	readonly pending: boolean;
	/** The next response that is due in the phase; it counts as sent. */
	next(phase: Phase): Draft | undefined;
	/** Sends the resource of that name again, if it is subscribed and not held back, though it has not changed. */
	resend(name: string): void;
	/**
	 * Gives what the client has more time to live (R26).
	 * @param late whether it may have lost what it had: then it is sent again.
	 */
	heartbeat(late: boolean): void;
	/** Ends all interest in changes. */
	close(): void;
}

/** A subscription that something became due for. */
export type OnDue = () => void;
