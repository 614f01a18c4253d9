import type { ResourceProblem } from "../../cache/resource-problem.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import { type Family, familyOfView, type View } from "../../resources/view.js";
import type { Subscription } from "./subscription/subscription.js";

export interface NackingStream {
	readonly view: View;
	readonly session: { readonly subscriptions: Iterable<Pick<Subscription<never>, "stream" | "hasAcked">> };
}

type Found = { -readonly [Key in keyof ResourceProblem]: ResourceProblem[Key] } & { rejectedBy: number };

/** Names that are looked at in one step. */
const STEP = 1_000;
/** Of more rejected resources than this it is not counted who has ACKed them. */
const MAX_COUNTED = 1_000;

/**
 * What streams reject now, once for each type, view and name, with the words of the first; and how
 * many of them reject it. In steps for inSlices(): there may be many streams.
 * @param only the name that is looked for; all unless given.
 */
export function* nackedBy(streams: Iterable<NackingStream>, only?: string): Generator<"", readonly ResourceProblem[]> {
	const found = new Map<string, Found>();
	for (const { view, session } of streams) {
		for (const { stream } of session.subscriptions) {
			const { nack } = stream.nacks;
			if (!nack || nack.searching) continue;
			for (const [i, name] of nack.resources.entries()) {
				if (only === undefined || name === only) note(stream.set, familyOfView(view), name, nack);
				if (i % STEP === STEP - 1) yield "";
			}
		}
		yield "";
	}
	return [...found.values()];

	function note(set: ResourceSet, family: Family, name: string, { error, at }: { error: string; at: Date }): void {
		const type = set.type.id;
		const key = `${type} ${family} ${name}`;
		const known = found.get(key);
		if (known) {
			known.rejectedBy++;
			if (at < known.since) known.since = at;
			return;
		}
		const isAccepted = set.get(name)?.accepted === true;
		const counts = { rejectedBy: 1, ackedBy: null, isAccepted };
		found.set(key, { name, type, family, reason: "rejected", message: error, since: at, ...counts });
	}
}

/** The same with the numbers of streams that have ACKed each; in steps, too. */
export function* withAckedBy(
	streams: Iterable<NackingStream>,
	rejected: readonly ResourceProblem[],
): Generator<"", readonly ResourceProblem[]> {
	if (rejected.length > MAX_COUNTED) return rejected;
	const counted = rejected.map((problem) => ({ ...problem, ackedBy: 0 }));
	for (const { view, session } of rejected.length > 0 ? streams : []) {
		for (const subscription of session.subscriptions) {
			const { id } = subscription.stream.set.type;
			for (const each of counted) {
				if (each.family === familyOfView(view) && each.type === id && subscription.hasAcked(each.name)) each.ackedBy++;
			}
			yield "";
		}
	}
	return counted;
}
