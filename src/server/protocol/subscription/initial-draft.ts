import type { InitialDraft } from "../../../cache/memo/initial-drafts.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { placeholderOf } from "../../../resources/placeholder.js";
import type { Mode } from "../../wire/mode.js";
import { removalOf } from "../rules/removals.js";
import { NOTHING } from "../rules/versions.js";
import { DraftBuilder } from "./draft-builder.js";

/**
 * The response to a client that has nothing and asks for these names.
 * @returns undefined if there is more to it: something is awaited (R19), or it is more than one
 *   response (R37).
 */
export function initialDraft(mode: Mode, set: ResourceSet, names: ReadonlySet<string>): InitialDraft | undefined {
	return set.memos.initial[mode].get(names, () => findInitialDraft(mode, set, names));
}

function findInitialDraft(mode: Mode, set: ResourceSet, names: ReadonlySet<string>): InitialDraft | undefined {
	const builder = new DraftBuilder(mode);
	const placeholders: EncodedResource[] = [];
	const usesPlaceholder = removalOf(mode, set.type, true) === "placeholder";
	for (const name of names) {
		if (set.isAwaited(name)) return undefined;
		const resource = set.get(name);
		const placeholder = !resource && usesPlaceholder ? placeholderOf(set.type, name) : undefined;
		if (placeholder) placeholders.push(placeholder);
		const sent = resource ?? placeholder;
		if (!(sent ? builder.add(sent, NOTHING, sent === placeholder) : builder.remove(name, true))) return undefined;
	}
	const draft = builder.finish(set.version, { since: undefined, probe: false });
	return { draft: { ...draft, key: names }, placeholders };
}
