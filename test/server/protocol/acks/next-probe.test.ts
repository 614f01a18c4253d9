import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { Nacks } from "../../../../src/server/protocol/acks/nacks.js";
import { nextProbe } from "../../../../src/server/protocol/acks/next-probe.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");
const all = () => true;

let set: ResourceSet;
let nacks: Nacks;

/** A response with these names is rejected. */
function reject(...names: string[]): void {
	const suspects = names.map((name) => resourceOf(EDS, name, "1"));
	for (const resource of suspects) set.put(resource, 0);
	nacks.add({ version: "v", names, suspects, accused: names.length, error: "bad" });
}

beforeEach(() => {
	set = new ResourceSet(EDS);
	nacks = new Nacks();
});

const namesOf = (probe: ReturnType<typeof nextProbe>) => probe?.map(({ name }) => name);

describe("the next part of a rejected response", () => {
	it("is none where nothing is rejected", () => {
		expect(nextProbe({ set, nacks }, all)).toBeUndefined();
	});

	it("is half of it, once", () => {
		reject("a", "b", "c", "d");
		expect(namesOf(nextProbe({ set, nacks }, all))).toEqual(["a", "b"]);
		expect(nextProbe({ set, nacks }, all)).toBeUndefined();
	});

	it("has what is as it was: what has changed goes like any other change, if it is wanted", () => {
		reject("a", "b", "c", "d", "e", "f");
		set.put(resourceOf(EDS, "a", "2"), 1);
		const changed: string[] = [];
		const wants = (name: string) => name !== "b";
		expect(namesOf(nextProbe({ set, nacks }, wants, (name) => changed.push(name)))).toEqual(["c"]);
		expect(changed).toEqual(["a"]);
		expect([...nacks.names()]).toEqual(["c", "d", "e", "f"]);
	});

	it("has nothing of what is gone", () => {
		reject("a", "b", "c", "d");
		set.remove("a", 1);
		expect(namesOf(nextProbe({ set, nacks }, all))).toEqual(["b"]);
	});

	it("is the one after it where nothing of it is left to send", () => {
		reject("a", "b", "c", "d");
		for (const name of ["a", "b"]) set.put(resourceOf(EDS, name, "2"), 1);
		expect(namesOf(nextProbe({ set, nacks }, all))).toEqual(["c", "d"]);
	});

	it("is none where the client wants nothing of it any more, and the search is over", () => {
		reject("a", "b", "c", "d");
		expect(nextProbe({ set, nacks }, () => false)).toBeUndefined();
		expect([nacks.size, nacks.probeDue, nacks.nack]).toEqual([0, false, null]);
	});
});
