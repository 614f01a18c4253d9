import type { TypeStatus } from "./client-status.js";
import { missingNames } from "./missing-names.js";
import type { Subscription } from "./subscription/subscription.js";

/** @param isReceiving whether a request is being taken: then nothing is synced. */
export function typeStatus(subscription: Subscription<never>, isReceiving: boolean): TypeStatus {
	const { mode, log, nacks } = subscription.stream;
	const idle = asksNothing(subscription);
	return {
		mode,
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
		synced: !idle && !isReceiving && !subscription.isDue && log.inFlight === 0 && nacks.nack === null,
	};
}

/** Whether the client gets nothing, as it asks for no name and has no wildcard. */
export function asksNothing({ wildcard, hasNames }: Pick<Subscription<never>, "wildcard" | "hasNames">): boolean {
	return !wildcard && !hasNames;
}
