import type { Received } from "../protocol/session.js";
import type { DiscoveryRequest } from "../wire/discovery-request.js";
import type { ServerEvents, StreamIdentity } from "./server-events.js";

/** Tells what a request that was taken says, and what it makes of earlier responses. */
export function reportReceived(
	events: ServerEvents,
	stream: StreamIdentity,
	request: DiscoveryRequest,
	received: Received,
): void {
	const { type, ack, asksNothing, missing } = received;
	events.requested?.(stream, request, received);
	if (asksNothing && !type.wildcard) events.asksNothing?.(stream, type);
	if (missing.length > 0) events.missing?.(stream, type, missing);
	if (!ack) return;
	if (ack.kind === "nack") events.nacked?.(stream, type, ack);
	const told = ack.kind === "nack" && ack.first;
	if (ack.outcome && !told) events.searched?.(stream, type, ack.outcome);
	if (ack.kind === "nack") return;
	const { response } = ack;
	const { since } = response;
	events.acked?.(stream, type, since === undefined ? undefined : (performance.now() - since) / 1_000, response);
}
