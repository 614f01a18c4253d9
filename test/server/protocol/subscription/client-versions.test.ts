import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { NOTHING, UNKNOWN } from "../../../../src/server/protocol/rules/versions.js";
import { ClientVersions } from "../../../../src/server/protocol/subscription/client-versions.js";
import { resourceOf } from "../transcripts/content.js";
import { wanted } from "./wanted.js";

const CDS = resourceType("cds");
const A = resourceOf(CDS, "a", "1");
const B = resourceOf(CDS, "b", "1");

let set: ResourceSet;

beforeEach(() => {
	set = new ResourceSet(CDS);
	for (const resource of [A, B]) set.put(resource, 0);
});

describe("the versions that a client has", () => {
	it("are the present ones of what it wants, and none of the rest", () => {
		const versions = new ClientVersions(set, wanted(["a", "gone"]));
		expect(["a", "b", "gone"].map((name) => versions.of(name))).toEqual([A.version, NOTHING, NOTHING]);
		expect(versions.areAllPresent).toBe(true);
		expect([...versions.held()]).toEqual([["a", A.version]]);
	});

	it("are what is noted, of what it wants alone", () => {
		const versions = new ClientVersions(set, wanted(["a"]));
		versions.note("a", "old");
		versions.note("b", "old");
		expect(["a", "b"].map((name) => versions.of(name))).toEqual(["old", NOTHING]);
		expect([versions.areAllPresent, [...versions.different()]]).toEqual([false, ["a"]]);
		versions.note("a", A.version);
		expect([versions.of("a"), versions.areAllPresent]).toEqual([A.version, true]);
	});

	it("are the present ones, too, where it has nothing of what there is not", () => {
		const versions = new ClientVersions(set, wanted(["gone"]));
		versions.note("gone", "old");
		expect(versions.areAllPresent).toBe(false);
		versions.note("gone", NOTHING);
		expect(versions.areAllPresent).toBe(true);
	});

	it("stay what they were when the set changes, and at the changes after that", () => {
		const versions = new ClientVersions(set, wanted(["a", "new"]));
		const next = resourceOf(CDS, "a", "2");
		set.put(next, 1);
		versions.changed("a", A.version);
		set.put(resourceOf(CDS, "a", "3"), 2);
		versions.changed("a", next.version);
		set.put(resourceOf(CDS, "new", "1"), 3);
		versions.changed("new", undefined);
		expect(["a", "new"].map((name) => versions.of(name))).toEqual([A.version, NOTHING]);
	});

	it("are those of another set, once that is the present one", () => {
		const versions = new ClientVersions(set, wanted(["a", "b"]));
		const other = new ResourceSet(CDS);
		const next = resourceOf(CDS, "a", "2");
		other.put(next, 1);
		versions.moveTo(other);
		expect(["a", "b"].map((name) => versions.of(name))).toEqual([next.version, NOTHING]);
	});

	it("are all in doubt where the client may have lost them, but for what it had nothing of", () => {
		const versions = new ClientVersions(set, wanted(["a", "b", "gone"]));
		versions.note("b", NOTHING);
		versions.doubtAll();
		expect(["a", "b", "gone"].map((name) => versions.of(name))).toEqual([UNKNOWN, NOTHING, NOTHING]);
	});

	it("are those of everything that is listed, of a wildcard", () => {
		const versions = new ClientVersions(set, wanted(["b", "asked"], true));
		versions.note("asked", "old");
		versions.note("left", "older");
		expect([...versions.held()].sort()).toEqual([
			["a", A.version],
			["asked", "old"],
			["b", B.version],
			["left", "older"],
		]);
	});

	it("are held of the names alone where there is no wildcard", () => {
		const versions = new ClientVersions(set, wanted(["a"]));
		versions.note("a", "old");
		expect([...versions.held()]).toEqual([["a", "old"]]);
	});

	it("are the present ones again of what is forgotten, and of everything once all is", () => {
		const versions = new ClientVersions(set, wanted(["a", "b"]));
		for (const name of ["a", "b"]) versions.note(name, "old");
		versions.forget("a");
		expect(["a", "b"].map((name) => versions.of(name))).toEqual([A.version, "old"]);
		versions.clear();
		expect(versions.areAllPresent).toBe(true);
	});
});
