import { TYPE_IDS } from "../../resources/resource-type.js";
import type { ClientStatus, TypeStatus } from "../../server/protocol/client-status.js";
import { sortTexts } from "../../util/slices.js";
import { clientJson, typeJson } from "../admin-json.js";
import type { AdminSources } from "../admin-sources.js";
import { elements, withList } from "../reply.js";
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
	return (function* () {
		const pinned: string[] = [];
		for (const { name, pin } of sources.services()) {
			if (pin) pinned.push(name);
			yield "";
		}
		yield* withList({}, "clients", clients(), { pinned: pinned.sort() });
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
			yield* clientPieces(client, types);
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

/** @param resources the elements of a list that each type has beside its names, if it has one */
export function* clientPieces(
	client: ClientStatus,
	types: readonly [string, TypeStatus][],
	resources?: (type: string) => Iterable<string>,
): Iterable<string> {
	yield `${JSON.stringify(clientJson(client)).slice(0, -1)},"types":{`;
	let comma = "";
	for (const [id, type] of types) {
		yield `${comma}${JSON.stringify(id)}:`;
		comma = ",";
		const { mode, wildcard, ...rest } = typeJson(type);
		const names = yield* sortTexts(type.names);
		const missing = yield* sortTexts(type.missing);
		yield `${JSON.stringify({ mode, wildcard }).slice(0, -1)},`;
		yield* listOf("names", elements(names));
		yield* listOf("missing", elements(missing));
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
