import { inSlices, type Turns } from "../../util/slices.js";
import { cleanJson } from "../../util/text/clean-text.js";
import { clientJson, serviceJson, typeJson } from "../admin-json.js";
import type { AdminSources } from "../admin-sources.js";
import { wrongQuery } from "../lists/list-query.js";
import { errorReply, type Reply } from "../reply.js";
import { EVENT_KINDS, type EventHub, type EventKind, MAX_READERS } from "./event-hub.js";
import type { DueEvents, EventReader } from "./event-reader.js";

/** Something is written at least this often, so that both sides see that the other is there: milliseconds. */
const HEARTBEAT_MS = 10_000;
/** When browsers connect again: milliseconds. */
const RETRY_MS = 2_000;

/**
 * Server-sent events without an end (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * @throws FingerpostError USAGE for a query that cannot be
 */
export function eventStream(hub: EventHub, sources: AdminSources, query: URLSearchParams, turns: Turns): Reply {
	const only = query.get("only");
	const kinds = only === null ? EVENT_KINDS : only.split(",").map(kindOf);
	const reader = hub.open(kinds);
	if (!reader) {
		return errorReply(503, `${MAX_READERS} read events already; try again`, {}, { "retry-after": "1" });
	}
	return {
		status: 200,
		type: "text/event-stream",
		body: chunks(reader, sources, turns),
		live: { end: () => reader.close() },
	};
}

function kindOf(text: string): EventKind {
	const kind = EVENT_KINDS.find((each) => each === text);
	if (!kind) throw wrongQuery("only", `some of ${EVENT_KINDS.join(",")}`, text);
	return kind;
}

async function* chunks(reader: EventReader, sources: AdminSources, turns: Turns): AsyncGenerator<string> {
	yield `retry: ${RETRY_MS}\n\n`;
	while (!reader.isClosed) {
		const due = await reader.next(HEARTBEAT_MS);
		if (reader.isClosed) return;
		if (!due) yield ":\n\n";
		else for await (const chunk of inSlices(pieces(due, sources), turns)) yield cleanJson(chunk);
	}
}

function* pieces({ services, clients, happened, dropped }: DueEvents, sources: AdminSources): Iterable<string> {
	for (const name of services) yield event("service", serviceEvent(name, sources));
	for (const stream of clients) yield event("client", clientEvent(stream, sources));
	if (dropped > 0) yield event("dropped", JSON.stringify({ events: dropped }));
	for (const { kind, text } of happened) yield event(kind === "changes" ? "change" : "nack", text);
}

function event(name: string, json: string): string {
	return `event: ${name}\ndata: ${json}\n\n`;
}

function serviceEvent(name: string, sources: AdminSources): string {
	const service = sources.service(name);
	if (!service) return JSON.stringify({ name, removed: true });
	// What clients reject is found by looking at all of them.
	const { problems: _, ...json } = serviceJson(service, (each) => sources.versionOf(each));
	return JSON.stringify(json);
}

/** Without the names that it asks for, of which there may be many. */
function clientEvent(stream: number, sources: AdminSources): string {
	const client = sources.client?.(stream);
	if (!client) return JSON.stringify({ stream, removed: true });
	const types = Object.entries(client.types).map(([id, type]) => [id, typeJson(type)]);
	return JSON.stringify({ ...clientJson(client), types: Object.fromEntries(types) });
}
