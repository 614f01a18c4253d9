import type { Change } from "../../catalog/history/change.js";
import type { ServiceState } from "../../catalog/service-state.js";
import { addressOf, type Endpoint } from "../../model/endpoint.js";
import { changeText, diffEndpoints } from "../../model/endpoint-diff.js";
import type { HistorySources } from "../history/history-sources.js";
import { elements, withList } from "../reply.js";

/** `GET /api/v1/services/NAME/history`, newest first. */
export interface HistoryJson {
	readonly changes: readonly ChangeJson[];
}

export interface ChangeJson extends DiffJson {
	readonly at: string;
	/** Of the service's assignment after it; empty where it is not known. */
	readonly version: string;
	/** From where the endpoints are, or were. */
	readonly target: string | null;
	/** When the source says that it happened; null where it does not say. */
	readonly sourceAt: string | null;
	/** Since when no client lacks it; null while one does. */
	readonly ackedByAllAt: string | null;
}

/** `GET /api/v1/services/NAME/diff?since=` */
export interface DiffJson {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	/** `10.0.0.1:80 weight 100 -> 50` */
	readonly changed: readonly string[];
}

/** In pieces. @param most of the newest ones. */
export function* historyList(history: HistorySources, name: string, most: number): Iterable<string> {
	yield* withList({}, "changes", elements(first(history.changesOf(name), most), changeJson));
	yield "\n";
}

export function changeJson({ at, version, target, sourceAt, ackedByAllAt, ...change }: Change): ChangeJson {
	return {
		at: new Date(at).toISOString(),
		version,
		target: target === "" ? null : target,
		sourceAt: sourceAt === undefined ? null : new Date(sourceAt).toISOString(),
		added: change.added.map(addressOf),
		removed: change.removed.map(addressOf),
		changed: change.changed.map((e, i) => changeText(change.changedFrom[i] as Endpoint, e)),
		ackedByAllAt: ackedByAllAt === undefined ? null : new Date(ackedByAllAt).toISOString(),
	};
}

/** How a service is other than it was. @returns undefined where it is not known what it was. */
export function diffSince(
	history: HistorySources,
	{ name, endpoints }: ServiceState,
	since: number,
): DiffJson | undefined {
	const before = history.endpointsBefore(name, ({ at }) => at > since);
	if (!before) return undefined;
	const { added, removed, changed, changedFrom } = diffEndpoints(before, endpoints);
	return {
		added: added.map(addressOf),
		removed: removed.map(addressOf),
		changed: changed.map((e, i) => changeText(changedFrom[i] as Endpoint, e)),
	};
}

function* first<T>(items: Iterable<T>, most: number): Iterable<T> {
	let count = 0;
	for (const item of items) {
		if (count++ >= most) return;
		yield item;
	}
}
