import type { ResourceProblem } from "../../../cache/resource-problem.js";
import type { View } from "../../../resources/view.js";
import type { Session } from "../session.js";

export interface NackingStream {
	readonly view: View;
	readonly session: Pick<Session, "streams">;
}

/** What streams reject now, once a type and view each: the first stream's words. */
export function* nackedBy(streams: Iterable<NackingStream>): Iterable<ResourceProblem> {
	const seen = new Set<string>();
	for (const { view, session } of streams) {
		for (const { set, subscription } of session.streams) {
			const { nack } = subscription;
			if (!nack || nack.searching) continue;
			const type = set.type.id;
			for (const name of nack.resources) {
				const key = `${type} ${view} ${name}`;
				if (seen.has(key)) continue;
				seen.add(key);
				yield { name, type, family: view, reason: "rejected", message: nack.error, since: nack.at };
			}
		}
	}
}
