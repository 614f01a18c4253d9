import type { Change } from "../../catalog/history/change.js";
import type { ServiceState } from "../../catalog/service-state.js";
import { addressOf, type Endpoint } from "../../model/endpoint.js";
import type { HistorySources } from "../history/history-sources.js";
import { jsonReply, type Reply } from "../reply.js";

/** `GET /api/v1/services/NAME/explain?address=&at=&client=`: what an address was at a time, and who had that. */
export interface ExplainedAtJson {
	readonly service: string;
	readonly address: string;
	readonly at: string;
	/** The version of the service's assignment at that time; empty where it is not known. */
	readonly version: string;
	/** What it was; null where the service did not have it. */
	readonly endpoint: {
		readonly health: Endpoint["health"];
		readonly weight: number;
		readonly priority: number;
		readonly target: string | null;
		readonly object: string | null;
		readonly revision: string | null;
		readonly at: string | null;
	} | null;
	/** Since when it was so; null where that is longer ago than is known. */
	readonly since: string | null;
	/** Since when no client lacked that; null where one did. */
	readonly ackedByAllAt: string | null;
	/** Whether the node's clients had acknowledged it by then; null unless one is asked for. */
	readonly client: {
		readonly node: string;
		readonly had: "yes" | "no" | "unknown";
		readonly ackedAt: string | null;
	} | null;
}

interface Query {
	readonly address: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly client: string | undefined;
}

/** @returns undefined where it is not known what the service was. */
export function explainedAt(
	{ name, endpoints: present }: ServiceState,
	history: HistorySources,
	{ address, at, client }: Query,
): Reply | undefined {
	const last = history.last(name);
	const isPresent = !last || last.at <= at;
	const endpoints = isPresent ? present : history.endpointsBefore(name, (change) => change.at > at);
	if (!endpoints) return undefined;
	const endpoint = endpoints.find((e) => addressOf(e) === address);
	let version = "";
	let since: Change | undefined;
	for (const change of history.changesOf(name)) {
		if (change.at > at) continue;
		if (version === "") version = change.version;
		if (![...change.added, ...change.changed, ...change.removed].some((e) => addressOf(e) === address)) continue;
		since = change;
		break;
	}
	const json: ExplainedAtJson = {
		...{ service: name, address, at: iso(at), version, endpoint: endpoint ? endpointAt(endpoint) : null },
		since: since ? iso(since.at) : null,
		ackedByAllAt: since?.ackedByAllAt === undefined ? null : iso(since.ackedByAllAt),
		client: client === undefined ? null : clientAt(history, client, since, at),
	};
	return jsonReply(200, json);
}

function clientAt(history: HistorySources, node: string, since: Change | undefined, at: number) {
	const acked = since ? history.ackedAfter(node, since.at) : "unknown";
	const byAll = since?.ackedByAllAt !== undefined && since.ackedByAllAt <= at;
	if (typeof acked === "number" && acked <= at) return { node, had: "yes" as const, ackedAt: iso(acked) };
	if (acked === "unknown" || acked === "forgotten") {
		const had = acked === "forgotten" && byAll ? "yes" : "unknown";
		return { node, had: had as "yes" | "unknown", ackedAt: null };
	}
	return { node, had: "no" as const, ackedAt: acked === "not yet" ? null : iso(acked) };
}

function endpointAt({ health, weight, priority, origin }: Endpoint): NonNullable<ExplainedAtJson["endpoint"]> {
	const { target = null, object = null, revision = null, at } = origin ?? {};
	return { health, weight, priority, target, object, revision, at: at?.toISOString() ?? null };
}

function iso(ms: number): string {
	return new Date(ms).toISOString();
}
