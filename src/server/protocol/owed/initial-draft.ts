import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { placeholderOf } from "../../../resources/placeholder.js";
import { removedBytes } from "../../wire/delta-draft.js";
import { type Draft, MAX_RESPONSE_BYTES } from "../../wire/draft.js";
import type { Mode } from "../../wire/mode.js";
import { resourceErrorBytes } from "../../wire/resource-errors.js";

/** What a stream gets that has nothing and asks for these names, all at once. */
export interface InitialResponse {
	readonly draft: Draft;
	/** SotW: what of it stands for names that do not exist (R23). */
	readonly placeholders: readonly EncodedResource[];
}

type ByNames = WeakMap<ReadonlySet<string>, { readonly answer: InitialResponse | undefined }>;

interface Found extends Readonly<Record<Mode, ByNames>> {
	/** Of the resource set: with another one all of it goes, so that nothing is in memory that was replaced before. */
	readonly state: number;
}

const found = new WeakMap<ResourceSet, Found>();

/**
 * It is found once for all streams that share the set of names, as long as the resources are what they are.
 * @returns undefined if there is more to it: something is awaited, or it is more than one response.
 */
export function initialDraft(mode: Mode, set: ResourceSet, names: ReadonlySet<string>): InitialResponse | undefined {
	let ofSet = found.get(set);
	if (ofSet?.state !== set.state) {
		ofSet = { state: set.state, sotw: new WeakMap(), delta: new WeakMap() };
		found.set(set, ofSet);
	}
	const known = ofSet[mode].get(names);
	if (known) return known.answer;
	const answer = findAnswer(mode, set, names);
	ofSet[mode].set(names, { answer });
	return answer;
}

function findAnswer(mode: Mode, set: ResourceSet, names: ReadonlySet<string>): InitialResponse | undefined {
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
