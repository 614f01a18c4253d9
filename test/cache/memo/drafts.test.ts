import { describe, expect, it, vi } from "vitest";
import { ChangeDrafts } from "../../../src/cache/memo/change-drafts.js";
import type { Draft } from "../../../src/cache/memo/draft.js";
import { InitialDrafts } from "../../../src/cache/memo/initial-drafts.js";

function draft(version: string): Draft {
	const nothing = { resources: [], removed: [], replaced: [], replacedVersions: [] };
	return { version, ...nothing, since: undefined, probe: false };
}

describe("the memo of change responses", () => {
	it("has a draft for each feed and place in it, until it is cleared", () => {
		const drafts = new ChangeDrafts();
		const [one, other] = [{}, {}];
		drafts.set(one, 1, draft("a"));
		drafts.set(one, 2, draft("b"));
		drafts.set(other, 1, draft("c"));
		const all = () => [drafts.get(one, 1), drafts.get(one, 2), drafts.get(other, 1)].map((each) => each?.version);
		expect([all(), drafts.get(other, 2), drafts.get({}, 1)]).toEqual([["a", "b", "c"], undefined, undefined]);
		drafts.clear();
		expect(all()).toEqual([undefined, undefined, undefined]);
		drafts.set(one, 1, draft("d"));
		expect(all()).toEqual(["d", undefined, undefined]);
		drafts.clear();
		expect(drafts.get(one, 1)).toBeUndefined();
	});
});

describe("the memo of initial responses", () => {
	it("asks once for each list of names, until it is cleared", () => {
		const drafts = new InitialDrafts();
		const names = new Set(["a"]);
		const find = vi.fn(() => ({ draft: draft("a"), placeholders: [] }));
		const found = drafts.get(names, find);
		expect([drafts.get(names, find) === found, find.mock.calls.length]).toEqual([true, 1]);
		drafts.get(new Set(["a"]), find);
		expect(find).toHaveBeenCalledTimes(2);
		for (const calls of [3, 4]) {
			drafts.clear();
			drafts.get(names, find);
			expect(find).toHaveBeenCalledTimes(calls);
		}
	});

	it("remembers, too, that no single response is the answer", () => {
		const drafts = new InitialDrafts();
		const names = new Set(["a"]);
		const find = vi.fn(() => undefined);
		expect([drafts.get(names, find), drafts.get(names, find), find.mock.calls.length]).toEqual([
			...[undefined, undefined, 1],
		]);
	});
});
