import { isPlaceholder } from "../../../resources/placeholder.js";
import type { Suspects } from "../acks/apply-ack.js";
import type { SentResponse } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import { isGone } from "../rules/awaited.js";
import type { Removal } from "../rules/removals.js";
import { UNKNOWN } from "../rules/versions.js";
import type { ClientVersions } from "./client-versions.js";
import type { Debts } from "./debts.js";
import type { WantedNames } from "./wanted-names.js";

/**
 * The client has rejected a response: it does not have what was in it.
 * @returns what of it is still to be had, and may be what it was rejected for.
 */
export function takeBack(
	{ content, replacedVersions }: SentResponse,
	{ set, log }: Pick<TypeStream, "set" | "log">,
	names: WantedNames,
	versions: ClientVersions,
	debts: Debts,
): Suspects {
	const suspects = content.resources.filter(({ name, version }, i) => {
		if (!names.wants(name)) return false;
		const had = log.hasInFlight(name) ? UNKNOWN : replacedVersions[i] || UNKNOWN;
		if (versions.of(name) === version) versions.note(name, had);
		return set.get(name)?.version === version;
	});
	const gone = content.resources.filter((each) => isPlaceholder(set.type, each) && !suspects.includes(each));
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
