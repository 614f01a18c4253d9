import { TYPE_IDS } from "../../resources/resource-type.js";
import type { ClientStatus, TypeStatus } from "../../server/protocol/client-status.js";
import { sortTexts } from "../../util/slices.js";
import { clientJson, typeJson } from "../admin-json.js";
import type { AdminSources } from "../admin-sources.js";
import { elements, withList } from "../reply.js";
import { replicaJson } from "../zones/replica-json.js";
import { listQuery, nameFilter, oneOfQuery, wrongQuery } from "./list-query.js";

/** A type of a client that asks for names that do not exist is `missing`, whatever else it is but `nacked`. */
export const CLIENT_STATES = ["synced", "pending", "nacked", "asks-nothing", "missing"] as const;

type TypeFilter = (id: string, type: TypeStatus) => boolean;

/**
 * `{"clients": […]}` by stream, in pieces; each client is looked at when it is its turn. Filters by type, state and
 * service say which types of a client are shown; one of which none is left is left out.
 * @throws FingerpostError USAGE for a query that cannot be
 */
export function clientList(sources: AdminSources, query: URLSearchParams): Iterable<string> {
	const { after, limit } = listQuery(query);
	if (after !== undefined && !/^\d{1,15}$/.test(after)) throw wrongQuery("after", "the number of a stream", after);
	const last = Number(after ?? -1);
	const isNode = nameFilter(query, "node");
	const filter = typeFilter(query);
	const names = namesQuery(query);
	return (function* () {
		const pinned: string[] = [];
		for (const { name, pin } of sources.services()) {
			if (pin) pinned.push(name);
			yield "";
		}
		const others = sources.replicas?.();
		const replicas = others && { known: others.known, replicas: others.replicas.map(replicaJson) };
		yield* withList({}, "clients", clients(), { pinned: pinned.sort(), ...(replicas && { replicas }) });
		yield "\n";
	})();

	function* clients(): Iterable<string> {
		let count = 0;
		for (const client of sources.clients()) {
			if (count >= limit) return;
			const types = client.stream > last && (!isNode || isNode(client.node)) && shownTypes(client, filter);
			if (!types) {
				yield "";
				continue;
			}
			if (count++ > 0) yield ",";
			yield* clientPieces(client, types, { names });
		}
	}
}

function typeFilter(query: URLSearchParams): TypeFilter | undefined {
	const wanted = oneOfQuery(query, "type", TYPE_IDS);
	const state = oneOfQuery(query, "state", CLIENT_STATES);
	const isService = nameFilter(query, "service");
	if (!wanted && !state && !isService) return undefined;
	return (id, type) =>
		(!wanted || id === wanted) &&
		(!state || stateOf(type) === state) &&
		(!isService || type.wildcard || type.names.some(isService));
}

function stateOf(type: TypeStatus): (typeof CLIENT_STATES)[number] {
	if (type.nacked) return "nacked";
	if (type.asksNothing) return "asks-nothing";
	if (type.missing.length > 0) return "missing";
	return type.synced ? "synced" : "pending";
}

/** Undefined where nothing of the client is to be shown. */
function shownTypes({ types }: ClientStatus, filter: TypeFilter | undefined): [string, TypeStatus][] | undefined {
	const all = Object.entries(types);
	if (!filter) return all;
	const shown = all.filter(([id, type]) => filter(id, type));
	return shown.length > 0 ? shown : undefined;
}

/** As many of the names of each type are told; all unless it is given. */
function namesQuery(query: URLSearchParams): number {
	const names = query.get("names");
	if (names !== null && !/^\d{1,9}$/.test(names)) throw wrongQuery("names", "a number", names);
	return names === null ? Number.POSITIVE_INFINITY : Number(names);
}

interface Shown {
	/** How many of the names, and of those that are missing, are told of each type; all unless given. */
	readonly names?: number;
	/** The elements of a list that each type has beside its names, if it has one. */
	readonly resources?: (type: string) => Iterable<string>;
}

export function* clientPieces(
	client: ClientStatus,
	types: readonly [string, TypeStatus][],
	{ names: most = Number.POSITIVE_INFINITY, resources }: Shown = {},
): Iterable<string> {
	yield `${JSON.stringify(clientJson(client)).slice(0, -1)},"types":{`;
	let comma = "";
	for (const [id, type] of types) {
		yield `${comma}${JSON.stringify(id)}:`;
		comma = ",";
		const { mode, wildcard, ...rest } = typeJson(type);
		const [allNames, allMissing] = [type.names, type.missing];
		const names = most === 0 ? [] : yield* sortTexts(allNames);
		const missing = most === 0 ? [] : yield* sortTexts(allMissing);
		const counts = { names: allNames.length, missing: allMissing.length };
		yield `${JSON.stringify({ mode, wildcard, counts }).slice(0, -1)},`;
		yield* listOf("names", elements(names.slice(0, most)));
		yield* listOf("missing", elements(missing.slice(0, most)));
		if (resources) yield* listOf("resources", resources(id));
		yield JSON.stringify(rest).slice(1);
	}
	yield "}}";
}

function* listOf(key: string, items: Iterable<string>): Iterable<string> {
	yield `${JSON.stringify(key)}:[`;
	yield* items;
	yield "],";
}
