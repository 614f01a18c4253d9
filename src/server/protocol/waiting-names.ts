import type { HoldingStream } from "./holders.js";
import { nameObserver } from "./name-status.js";

/** A stream, as far as this goes. */
export interface WaitingStream extends HoldingStream {
	readonly session: HoldingStream["session"] & {
		readonly subscriptions: Iterable<{ readonly isDue: boolean }>;
	};
}

/** Whether the stream has all that it asks for, in the newest version. */
export function isSettled({ session }: WaitingStream): boolean {
	for (const { isDue, stream } of session.subscriptions) {
		if (isDue || stream.log.inFlight > 0 || stream.nacks.nack !== null) return false;
	}
	return true;
}

/**
 * Which of these services some stream lacks: it asks for the endpoints, and has not ACKed the newest. In steps: a stream
 * that is up to date costs next to nothing.
 */
export function* waitingNames(
	streams: Iterable<WaitingStream>,
	names: ReadonlySet<string>,
): Generator<"", ReadonlySet<string>> {
	const waiting = new Set<string>();
	for (const { session } of streams) {
		yield "";
		for (const subscription of session.subscriptions) {
			const { set, log, nacks } = subscription.stream;
			if (set.type.id !== "eds") continue;
			if (!subscription.isDue && log.inFlight === 0 && nacks.nack === null) continue;
			const look = nameObserver(subscription);
			for (const name of names) {
				if (waiting.has(name) || !subscription.wants(name)) continue;
				const { state } = look(name);
				if (state === "sent" || state === "pending" || state === "rejected") waiting.add(name);
				if (waiting.size % 256 === 255) yield "";
			}
		}
	}
	return waiting;
}
