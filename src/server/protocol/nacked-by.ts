import type { ResourceProblem } from "../../cache/resource-problem.js";
import type { View } from "../../resources/view.js";
import type { TypeStream } from "./acks/type-stream.js";

export interface NackingStream {
	readonly view: View;
	readonly session: { readonly subscriptions: Iterable<{ readonly stream: TypeStream }> };
}

/** What streams reject now: once for each type, view and name, with the first stream's words. */
export function* nackedBy(streams: Iterable<NackingStream>): Iterable<ResourceProblem> {
	const seen = new Set<string>();
	for (const { view, session } of streams) {
		for (const { stream } of session.subscriptions) {
			const { nack } = stream.nacks;
			if (!nack || nack.searching) continue;
			const type = stream.set.type.id;
			for (const name of nack.resources) {
				const key = `${type} ${view} ${name}`;
				if (seen.has(key)) continue;
				seen.add(key);
				yield { name, type, family: view, reason: "rejected", message: nack.error, since: nack.at };
			}
		}
	}
}
