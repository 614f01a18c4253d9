import { isPlaceholder } from "../../../resources/placeholder.js";
import type { Suspects } from "../acks/apply-ack.js";
import type { SentResponse } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import { isGone } from "../rules/awaited.js";
import type { Removal } from "../rules/removals.js";
import { REJECTED, UNKNOWN } from "../rules/versions.js";
import type { ClientVersions } from "./client-versions.js";
import type { Debts } from "./debts.js";
import type { WantedNames } from "./wanted-names.js";

/**
 * The client has rejected a response: it does not have what was in it.
 * @param mayHaveMore whether it may have something of a name that it was never sent.
 * @returns what of it is still to be had, and may be what it was rejected for.
 */
export function takeBack(
	{ content, replacedVersions }: SentResponse,
	{ set, log, nacks }: Pick<TypeStream, "set" | "log" | "nacks">,
	names: WantedNames,
	versions: ClientVersions,
	debts: Debts,
	mayHaveMore: boolean,
): Suspects {
	const inFlight = log.alsoInFlight(content.resources);
	const suspects = content.resources.filter((resource, i) => {
		const { name, version } = resource;
		if (!names.wants(name)) return false;
		const before = replacedVersions[i] || (mayHaveMore ? UNKNOWN : REJECTED);
		if (versions.of(name) === version) versions.note(name, inFlight.has(name) ? UNKNOWN : before);
		const newest = set.get(name);
		if (newest?.version === version) return true;
		if (newest && nacks.isNacked(newest)) nacks.cannotStandIn(resource);
		return false;
	});
	const suspected = new Set(suspects);
	const gone = content.resources.filter((each) => !suspected.has(each) && isPlaceholder(set.type, each));
	const accused = content.resources.length - gone.length;
	// What goes was hardly rejected for itself where it came with something else. Alone it is not
	// sent once more.
	if (accused > 0) {
		for (const { name } of gone) leave(name, "placeholder");
		for (const name of content.removed) leave(name, "removed");
	}
	return { suspects, accused };

	function leave(name: string, removal: Removal): void {
		if (names.wants(name) && isGone(set, name)) debts.leaving.set(name, removal);
	}
}
