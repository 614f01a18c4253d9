import type { Draft } from "../../../cache/memo/draft.js";
import type { InitialDraft } from "../../../cache/memo/initial-drafts.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { placeholderOf } from "../../../resources/placeholder.js";
import { MAX_RESPONSE_BYTES } from "../../../resources/response-size.js";
import { removedBytes } from "../../wire/delta-draft.js";

import type { Mode } from "../../wire/mode.js";
import { resourceErrorBytes } from "../../wire/resource-errors.js";

/**
 * The response to a client that has nothing and asks for these names.
 * @returns undefined if there is more to it: something is awaited (R19), or it is more than one response (R37).
 */
export function initialDraft(mode: Mode, set: ResourceSet, names: ReadonlySet<string>): InitialDraft | undefined {
	return set.memos.initial[mode].get(names, () => findInitialDraft(mode, set, names));
}

function findInitialDraft(mode: Mode, set: ResourceSet, names: ReadonlySet<string>): InitialDraft | undefined {
	const resources: EncodedResource[] = [];
	const placeholders: EncodedResource[] = [];
	const missing: string[] = [];
	let bytes = 0;
	for (const name of names) {
		if (set.isAwaited(name)) return undefined;
		const resource = set.get(name);
		const placeholder = resource || mode === "delta" ? undefined : placeholderOf(set.type, name);
		if (placeholder) placeholders.push(placeholder);
		const sent = resource ?? placeholder;
		if (sent) resources.push(sent);
		else missing.push(name);
		bytes += sent ? sent[mode].byteLength : mode === "delta" ? removedBytes(name) : resourceErrorBytes(name);
		if (bytes > MAX_RESPONSE_BYTES) return undefined;
	}
	const draft: Draft = {
		version: set.version,
		resources,
		removed: mode === "delta" ? missing : [],
		absent: missing.filter((name) => name !== ""),
		key: names,
		since: undefined,
		replaced: [],
		replacedVersions: [],
		probe: false,
	};
	return { draft, placeholders };
}
