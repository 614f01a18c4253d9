import { beforeEach, expect, it } from "vitest";
import { differences } from "../../src/cache/differences.js";
import { ResourceSet } from "../../src/cache/resource-set.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { resourceOf } from "../server/protocol/transcripts/content.js";

const CDS = resourceType("cds");

let [from, to]: [ResourceSet, ResourceSet] = [new ResourceSet(CDS), new ResourceSet(CDS)];

beforeEach(() => {
	[from, to] = [new ResourceSet(CDS), new ResourceSet(CDS)];
	for (const set of [from, to]) put(set, "a", "1");
});

function put(set: ResourceSet, name: string, content: string): void {
	set.put(resourceOf(CDS, name, content), 0);
}

const differing = () => differences(from, to).toSorted();

it("two sets differ in what one of them has, has in another version, or awaits", () => {
	expect(differing()).toEqual([]);
	put(from, "gone", "1");
	put(to, "new", "1");
	put(from, "changed", "1");
	put(to, "changed", "2");
	to.await("awaited", false, 0);
	from.await("overdue", false, 0);
	to.await("overdue", true, 0);
	expect(differing()).toEqual(["awaited", "changed", "gone", "new", "overdue"]);
});

it("they are compared once, and anew after a change of either", () => {
	put(to, "b", "1");
	const before = differences(from, to);
	expect(differences(from, to)).toBe(before);
	put(from, "b", "1");
	expect(differing()).toEqual([]);
	put(to, "b", "2");
	expect(differing()).toEqual(["b"]);
});
