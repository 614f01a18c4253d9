import { compareText } from "../../model/endpoint.js";
import type { ClientDetail, NameStatus } from "../../server/protocol/name-status.js";
import type { ResourceJson } from "../admin-json.js";
import type { AdminSources } from "../admin-sources.js";
import { withList } from "../reply.js";
import { clientPieces } from "./client-list.js";

/** Names that are put in order at once; of more they come as they are. */
const MAX_SORTED = 20_000;

type Nearest = NonNullable<AdminSources["nearest"]>;

/** `{"clients": […]}` of one node, each with what it has of each name, in pieces. */
export function* nodeClients(clients: Iterable<ClientDetail>, nearest: Nearest = () => undefined): Iterable<string> {
	yield* withList({}, "clients", details(clients, nearest));
	yield "\n";
}

function* details(clients: Iterable<ClientDetail>, nearest: Nearest): Iterable<string> {
	let comma = "";
	for (const { status, names } of clients) {
		yield comma;
		comma = ",";
		yield* clientPieces(status, Object.entries(status.types), {
			resources: (type) => resources(names(type), nearest),
		});
	}
}

function* resources(statuses: Iterable<NameStatus>, nearest: Nearest): Iterable<string> {
	const some: NameStatus[] = [];
	let comma = "";
	const json = ({ name, state, resource }: NameStatus) => {
		const meant = state === "missing" ? (nearest(name) ?? null) : null;
		const all: ResourceJson = { name, state, version: resource?.version ?? null, nearest: meant };
		const text = `${comma}${JSON.stringify(all)}`;
		comma = ",";
		return text;
	};
	const all = statuses[Symbol.iterator]();
	for (let each = all.next(); !each.done; each = all.next()) {
		some.push(each.value);
		if (some.length >= MAX_SORTED) break;
		if (some.length % 500 === 0) yield "";
	}
	some.sort((a, b) => compareText(a.name, b.name));
	for (const status of some) yield json(status);
	for (let each = all.next(); !each.done; each = all.next()) yield json(each.value);
}
