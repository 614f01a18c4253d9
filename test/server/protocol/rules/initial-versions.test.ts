import { expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { isGone, standInFor } from "../../../../src/server/protocol/rules/awaited.js";
import { broughtVersion } from "../../../../src/server/protocol/rules/initial-versions.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");

it("R30: a version that a client brings is current, outdated or of what is gone; R19: what is awaited is not gone", () => {
	const set = new ResourceSet(EDS);
	const resource = resourceOf(EDS, "a", "1");
	set.put(resource, 0);
	set.await("b", false, 0);
	expect(broughtVersion(set, "a", resource.version)).toBe("current");
	expect(broughtVersion(set, "a", "another")).toBe("outdated");
	expect(broughtVersion(set, "b", "any")).toBe("outdated");
	expect(broughtVersion(set, "c", "any")).toBe("gone");
	expect(["a", "b", "c"].map((name) => isGone(set, name))).toEqual([false, false, true]);
});

it("R41: an empty resource stands in for what is overdue, for a client that has nothing", () => {
	const set = new ResourceSet(EDS);
	const all = () => true;
	set.await("a", false, 0);
	expect(standInFor(set, "a", all)).toBeUndefined();
	set.await("a", true, 0);
	expect(standInFor(set, "a", all)?.name).toBe("a");
	expect(standInFor(set, "a", () => false)).toBeUndefined();
	expect(standInFor(set, "b", all)).toBeUndefined();
});
