import type { ResourceProblem } from "../../cache/resource-problem.js";
import type { View } from "../../resources/view.js";
import type { Session } from "./session.js";

export interface RejectingStream {
	readonly family: View;
	readonly session: Pick<Session, "parts">;
}

/** What streams reject now, once a type and family each: the first stream's words. */
export function* rejections(streams: Iterable<RejectingStream>): Iterable<ResourceProblem> {
	const seen = new Set<string>();
	for (const { family, session } of streams) {
		for (const { set, subscription } of session.parts) {
			const { nack } = subscription;
			if (!nack || nack.searching) continue;
			const type = set.type.id;
			for (const name of nack.resources) {
				const key = `${type} ${family} ${name}`;
				if (seen.has(key)) continue;
				seen.add(key);
				yield { name, type, family, reason: "rejected", message: nack.error, since: nack.at };
			}
		}
	}
}
