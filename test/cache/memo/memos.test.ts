import { expect, it } from "vitest";
import type { LazySubscriber } from "../../../src/cache/change-feed.js";
import type { Draft } from "../../../src/cache/memo/draft.js";
import { ResourceSet } from "../../../src/cache/resource-set.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { resourceOf } from "../../server/protocol/transcripts/content.js";

const EDS = resourceType("eds");
const NAMES: ReadonlySet<string> = new Set(["a"]);
const DRAFT: Draft = {
	version: "1",
	resources: [],
	removed: [],
	since: undefined,
	replaced: [],
	replacedVersions: [],
	probe: false,
};

const subscriber: LazySubscriber = { changed: () => {}, behind: () => {}, missed: () => {} };

it.each([
	["a resource is put", (set: ResourceSet) => set.put(resourceOf(EDS, "b", "1"), 0)],
	["a name becomes awaited", (set: ResourceSet) => set.await("b", false, 0)],
	["a name is overdue", (set: ResourceSet) => set.await("a", true, 0)],
	["a name is known again, and is what it was", (set: ResourceSet) => set.put(resourceOf(EDS, "a", "1"), 0)],
	["a name is removed", (set: ResourceSet) => set.remove("a", 0)],
])("what streams share of a set is forgotten when %s", (_, change) => {
	const set = new ResourceSet(EDS);
	set.put(resourceOf(EDS, "a", "1"), 0);
	set.await("a", false, 0);
	const { feed, position } = set.follow(NAMES, subscriber);
	const { initial, changes, responses } = set.memos;
	initial.sotw.get(NAMES, () => ({ draft: DRAFT, placeholders: [] }));
	changes.sotw.set(feed, position, DRAFT);
	const content = { resources: [], removed: [], accepted: false };
	responses.sotw.set("key", { sequence: 1, nonce: "1", frame: Buffer.alloc(1), content });
	expect(changes.sotw.get(feed, position)).toBe(DRAFT);
	change(set);
	expect(initial.sotw.get(NAMES, () => undefined)).toBeUndefined();
	expect(changes.sotw.get(feed, position)).toBeUndefined();
	expect(responses.sotw.get("key", 0)).toBeUndefined();
});
