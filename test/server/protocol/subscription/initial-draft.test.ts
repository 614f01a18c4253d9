import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../../../lab/wait-until.js";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { initialDraft } from "../../../../src/server/protocol/subscription/initial-draft.js";
import { resourceOf } from "../transcripts/content.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const EDS = resourceType("eds");

describe("first answers", () => {
	it("are found once for a set of names, as long as nothing changes", () => {
		const set = new ResourceSet(EDS);
		const names = new Set(["a"]);
		set.put(resourceOf(EDS, "a", "1"), 1);
		const first = initialDraft("sotw", set, names);
		expect(initialDraft("sotw", set, names)).toBe(first);
		expect(initialDraft("delta", set, names)).not.toBe(first);
		set.put(resourceOf(EDS, "a", "2"), 2);
		expect(initialDraft("sotw", set, names)?.draft.resources).toEqual([set.get("a")]);
	});

	it("do not keep what has changed since, though the streams that had it are there", async () => {
		const set = new ResourceSet(EDS);
		const streams = ["b", "c", "d"].map((name) => new Set(["a", name]));
		const seen = streams.map((names, i) => {
			const resource = resourceOf(EDS, "a", String(i));
			set.put(resource, i);
			expect(initialDraft("sotw", set, names)?.draft.resources).toContain(resource);
			return new WeakRef(resource);
		});
		await waitUntil("all but the newest are gone", async () => {
			collect();
			await delay(0);
			return seen.map((each) => each.deref() !== undefined).join() === "false,false,true";
		});
		expect(streams).toHaveLength(3);
	});
});
