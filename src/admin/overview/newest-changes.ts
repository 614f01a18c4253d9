import type { Change } from "../../catalog/history/change.js";
import type { AdminSources } from "../admin-sources.js";
import { type ChangeJson, changeJson } from "../explain/history-json.js";
import type { ServiceNames } from "../lists/service-names.js";
import { elements, withList } from "../reply.js";

/** `GET /api/v1/changes`, newest first. */
export interface ChangesJson {
	readonly changes: readonly (ChangeJson & { readonly service: string })[];
}

interface Found {
	readonly name: string;
	readonly change: Change;
}

/** The newest changes of all services that there are, in pieces. @param most of them */
export function* newestChanges(sources: AdminSources, all: ServiceNames, most: number): Iterable<string> {
	const { history } = sources;
	let newest: Found[] = [];
	for (const name of yield* all.inOrder()) {
		const change = history?.last(name);
		if (change) newest.push({ name, change });
		if (newest.length > 2 * most + 1_000) newest = first(newest, most);
		yield "";
	}
	// Whoever has one of the newest is among these.
	const services = first(newest, most);
	const oldest = services.length < most ? Number.NEGATIVE_INFINITY : (services.at(-1)?.change.at ?? 0);
	const found: Found[] = [];
	for (const { name } of services) {
		let count = 0;
		for (const change of history?.changesOf(name) ?? []) {
			if (count++ >= most || change.at < oldest) break;
			found.push({ name, change });
			yield "";
		}
	}
	yield* withList(
		{},
		"changes",
		elements(first(found, most), ({ name, change }) => ({ service: name, ...changeJson(change) })),
	);
	yield "\n";
}

function first(found: readonly Found[], most: number): Found[] {
	return found.toSorted((a, b) => b.change.at - a.change.at).slice(0, most);
}
