import { describe, expect, it } from "vitest";
import type { Draft } from "../../../../src/cache/memo/draft.js";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { responseKey } from "../../../../src/server/protocol/subscription/response-key.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");
const CDS = resourceType("cds");
const [A, B] = ["a", "b"].map((name) => resourceOf(EDS, name, "1")) as [never, never];

function setOf(type = EDS): ResourceSet {
	const set = new ResourceSet(type);
	for (const resource of [A, B]) set.put(resource, 0);
	return set;
}

function draft(parts: Partial<Draft>): Draft {
	const nothing = { resources: [], removed: [], replaced: [], replacedVersions: [] };
	return { version: "v", ...nothing, since: undefined, probe: false, ...parts };
}

describe("what is equal for responses of the same content", () => {
	it("is what the draft says", () => {
		const key = new Set(["a"]);
		expect(responseKey("sotw", setOf(), draft({ key, resources: [A, B] }), 0)).toBe(key);
		expect(responseKey("sotw", setOf(), draft({ key, resources: [A, B] }), 1)).not.toBe(key);
	});

	it("is the only resource itself, where the set has that one and nothing else is in it", () => {
		const set = setOf();
		expect(responseKey("delta", set, draft({ resources: [A] }), 0)).toBe(A);
		expect(responseKey("sotw", set, draft({ resources: [A], absent: [] }), 0)).toBe(A);
		expect(responseKey("delta", setOf(CDS), draft({ resources: [A] }), 0)).toBe(A);
		const others: readonly Draft[] = [
			draft({ resources: [A, B] }),
			draft({ resources: [A], removed: ["b"] }),
			draft({ resources: [A], absent: ["b"] }),
			draft({ resources: [A], heartbeats: [{ name: "b", version: "1" }] }),
			draft({ resources: [A], removed: ["b"], absent: ["c"] }),
			draft({ resources: [A], absent: ["b"], heartbeats: [{ name: "c", version: "1" }] }),
			draft({ resources: [resourceOf(EDS, "a", "another")] }),
			draft({}),
		];
		for (const other of others) expect(responseKey("delta", set, other, 0)).toBeTypeOf("string");
		expect(responseKey("delta", set, draft({ resources: [A] }), 1)).toBeTypeOf("string");
		expect(responseKey("sotw", setOf(CDS), draft({ resources: [A] }), 0)).toBeTypeOf("string");
	});

	it("is another text for other content, whatever the names look like", () => {
		const contents: readonly Partial<Draft>[] = [
			{ resources: [A, B] },
			{ resources: [B, A] },
			{ removed: ["a", "b"] },
			{ removed: ["a1:b"] },
			{ absent: ["a", "b"] },
			{ removed: ["a"], absent: ["b"] },
			{ heartbeats: [{ name: "a", version: "b" }] },
			{ heartbeats: [{ name: "a", version: "c" }] },
			{ heartbeats: [{ name: "b", version: "b" }] },
			{},
		];
		const keys = contents.flatMap((each) => [0, 5].map((ttl) => responseKey("delta", setOf(), draft(each), ttl)));
		expect(new Set(keys).size).toBe(2 * contents.length);
	});

	it("is for complete sets the version, and what is told to be absent", () => {
		const key = (parts: Partial<Draft>, ttl = 0) => responseKey("sotw", setOf(CDS), draft(parts), ttl);
		expect(key({ resources: [A, B] })).toBe(key({ resources: [B, A] }));
		const keys = [key({}), key({ version: "w" }), key({ absent: ["a"] }), key({ absent: ["b"] }), key({}, 1)];
		expect(new Set(keys).size).toBe(keys.length);
		expect(responseKey("delta", setOf(CDS), draft({ resources: [A, B] }), 0)).not.toBe(
			responseKey("delta", setOf(CDS), draft({}), 0),
		);
	});
});
