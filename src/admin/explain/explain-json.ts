import { type Dropped, droppedOf, rulesOf } from "../../catalog/explain/explain-service.js";
import { type Change, sizeOfChange } from "../../catalog/history/change.js";
import { type ServiceState, writtenAt } from "../../catalog/service-state.js";
import { AddressMap } from "../../model/address-map.js";
import { addressOf, type Endpoint } from "../../model/endpoint.js";
import type { Holder } from "../../server/protocol/holders.js";
import { type PinJson, pinJson } from "../admin-json.js";
import type { AdminSources } from "../admin-sources.js";
import type { ResourceVersion } from "../history/history-sources.js";
import { elements, withList } from "../reply.js";

/** `GET /api/v1/services/NAME/explain` */
export interface ExplainJson {
	readonly service: string;
	readonly state: ServiceState["state"];
	readonly pin: PinJson | null;
	readonly versions: readonly ResourceVersion[];
	/** The newest change of its endpoints; null where none is known. */
	readonly lastChange: LastChangeJson | null;
	/** How many streams ask for it, and how many of them have ACKed all of it; null where that is not known. */
	readonly clients: { readonly asking: number; readonly acked: number } | null;
	readonly endpoints: readonly ExplainedJson[];
	readonly dropped: readonly DroppedJson[];
}

export interface LastChangeJson {
	readonly at: string;
	/** When the source says that it happened. */
	readonly sourceAt: string | null;
	readonly target: string;
	readonly endpoints: number;
	readonly ackedByAllAt: string | null;
}

/** An endpoint, where it came from, and who has it. */
export interface ExplainedJson {
	readonly address: string;
	readonly port: number;
	readonly health: Endpoint["health"];
	readonly target: string | null;
	readonly object: string | null;
	readonly revision: string | null;
	readonly at: string | null;
	/** What mended it, holds or keeps it; null where it is as its source says. */
	readonly rule: string | null;
	/** How many of the clients that ask for the service have it as it is. */
	readonly acked: number;
	/** Some of the others. */
	readonly waiting: readonly WaitingJson[];
	readonly waitingCount: number;
}

export interface WaitingJson {
	readonly node: string;
	readonly stream: number;
	/** What it has of the endpoints: `pending`, `sent`, `rejected` … */
	readonly state: string;
	readonly since: string | null;
}

export interface DroppedJson {
	readonly address: string | null;
	readonly target: string | null;
	readonly object: string | null;
	readonly reason: string;
}

export interface ExplainQuery {
	/** Only what has this address, with or without a port. */
	readonly address: string | undefined;
	/** Where endpoints stand in their sources, by address. */
	readonly places: ReadonlyMap<string, string>;
}

/** Clients that are named beside an endpoint; more where one address is asked for. */
const MAX_NAMED = 5;
const MAX_NAMED_OF_ONE = 100;

/** In pieces: each endpoint is looked at when it is its turn. */
export function* explainList(sources: AdminSources, service: ServiceState, query: ExplainQuery): Iterable<string> {
	const { name, state, pin, endpoints } = service;
	const holders = sources.holders ? yield* sources.holders(name) : undefined;
	const { history } = sources;
	const last = history?.last(name);
	const head: Omit<ExplainJson, "endpoints" | "dropped"> = {
		service: name,
		state,
		pin: pinJson(pin),
		versions: history?.versions(name) ?? [],
		lastChange: last ? lastChangeJson(last) : null,
		clients: holders ? { asking: holders.asking, acked: holders.acked } : null,
	};
	const lacking = holders?.lacking ?? [];
	// Of very many only some are named: the others lack what those lack.
	const unnamed = (holders?.asking ?? 0) - (holders?.acked ?? 0) - lacking.length;
	const changes = lacking.length > 0 ? yield* lastChanges(history?.changesOf(name) ?? []) : undefined;
	const ruleOf = rulesOf(service);
	const written = writtenAt(service);
	const wanted = (e: Pick<Endpoint, "address" | "port">) =>
		query.address === undefined || query.address === addressOf(e) || query.address === e.address;
	const dropped = droppedOf(service)
		.filter(({ address }) => query.address === undefined || isOf(address, query.address))
		.map(droppedJson);
	const explained = (e: Endpoint): ExplainedJson => {
		const waiting = lacking.flatMap((each) => waitingFor(sources, each, changes?.get(e), last) ?? []);
		const waitingCount = waiting.length > 0 ? waiting.length + unnamed : 0;
		const { target, object, revision, at } = e.origin ?? {};
		const place = query.places.get(addressOf(e));
		return {
			...{ address: e.address, port: e.port, health: e.health },
			...{ target: target ?? null, object: object ?? null, revision: place ?? revision ?? null },
			at: (at ?? (target === "inline" ? written : undefined))?.toISOString() ?? null,
			rule: ruleOf(e) ?? null,
			acked: (holders?.asking ?? 0) - waitingCount,
			waiting: waiting.slice(0, query.address === undefined ? MAX_NAMED : MAX_NAMED_OF_ONE),
			waitingCount,
		};
	};
	yield* withList(head, "endpoints", elements(endpoints.filter(wanted), explained), { dropped });
	yield "\n";
}

function lastChangeJson(change: Change): LastChangeJson {
	const { at, sourceAt, target, ackedByAllAt } = change;
	return {
		at: iso(at),
		sourceAt: sourceAt === undefined ? null : iso(sourceAt),
		target,
		endpoints: sizeOfChange(change),
		ackedByAllAt: ackedByAllAt === undefined ? null : iso(ackedByAllAt),
	};
}

/** Of each address the newest change that concerns it. */
function* lastChanges(changes: Iterable<Change>): Generator<"", AddressMap<Change>> {
	const newest = new AddressMap<Change>();
	for (const change of changes) {
		for (const e of [...change.added, ...change.changed]) if (!newest.has(e)) newest.set(e, change);
		yield "";
	}
	return newest;
}

/**
 * What the client lacks of an endpoint; undefined where it has had it since before.
 * @param change the newest of that endpoint. @param last the newest of the service.
 */
function waitingFor(
	{ client, history }: AdminSources,
	{ node, stream, types }: Holder,
	change: Change | undefined,
	last: Change | undefined,
): WaitingJson | undefined {
	const state = types.eds;
	if (state === undefined || state === "acked") return undefined;
	const connectedAt = client?.(stream)?.connectedAt.getTime() ?? 0;
	if (change && change.at !== last?.at) {
		if (change.ackedByAllAt !== undefined && connectedAt < change.ackedByAllAt) return undefined;
		if (typeof history?.ackedAfter(node, change.at) === "number") return undefined;
	}
	const since = Math.max(change?.at ?? 0, connectedAt);
	return { node, stream, state, since: since > 0 ? iso(since) : null };
}

function droppedJson({ address, target, object, reason }: Dropped): DroppedJson {
	return { address: address ?? null, target: target ?? null, object: object ?? null, reason };
}

function isOf(address: string | undefined, wanted: string): boolean {
	return (
		address !== undefined &&
		(address === wanted || address.startsWith(`${wanted}:`) || wanted.startsWith(`${address}:`))
	);
}

function iso(ms: number): string {
	return new Date(ms).toISOString();
}
