import { describe, expect, it } from "vitest";
import type { Draft } from "../../../../src/cache/memo/draft.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { Children } from "../../../../src/server/protocol/rules/children.js";
import { resourceOf } from "../transcripts/content.js";

const CDS = resourceType("cds");

function sent(names: readonly string[], replaced: readonly string[]): Draft {
	const resources = names.map((name) => resourceOf(CDS, name, "1"));
	const nothing = { removed: [], replacedVersions: [], since: undefined, probe: false, version: "" };
	return { ...nothing, resources, replaced };
}

describe("R17: the children of what was sent", () => {
	it("are sent again where their parent changed, and only those", () => {
		const again: string[] = [];
		new Children("sotw").parentSent(CDS, sent(["a", "b"], ["b"]), (name) => again.push(name));
		expect(again).toEqual(["b"]);
	});

	it("wait for the first request of a delta client that has not asked for their type yet, once", () => {
		const children = new Children("delta");
		children.parentSent(CDS, sent(["a"], []), undefined);
		children.parentSent(CDS, sent(["b"], []), undefined);
		expect([...children.take("eds")]).toEqual(["a", "b"]);
		expect([...children.take("eds")]).toEqual([]);
	});

	it("do not wait in SotW, where each first request is answered, nor where the type has no child", () => {
		const sotw = new Children("sotw");
		sotw.parentSent(CDS, sent(["a"], []), undefined);
		expect([...sotw.take("eds")]).toEqual([]);
		const delta = new Children("delta");
		delta.parentSent(resourceType("eds"), sent(["a"], []), undefined);
		expect([...delta.take("eds")]).toEqual([]);
	});
});
