import { describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { AbsentNames } from "../../../../src/server/protocol/rules/absent-names.js";
import { removalBytes } from "../../../../src/server/wire/resource-errors.js";
import { resourceOf } from "../transcripts/content.js";

const CDS = resourceType("cds");

describe("the names that a client is told not to exist", () => {
	it("are those of which there is nothing: neither a resource, nor one in the response, nor an awaited one", () => {
		const set = new ResourceSet(CDS);
		set.put(resourceOf(CDS, "there", "1"), 0);
		set.await("awaited", false, 0);
		const response = [resourceOf(CDS, "leaving", "1")];
		const names = new Set(["there", "awaited", "leaving", "", "gone"]);
		expect(new AbsentNames().notYetTold(names, response, set)).toEqual(["gone"]);
	});

	it("are told once, until the client asks anew", () => {
		const set = new ResourceSet(CDS);
		const absent = new AbsentNames();
		expect(absent.notYetTold(new Set(["a", "b"]), [], set)).toEqual(["a", "b"]);
		expect(absent.notYetTold(new Set(["a", "b"]), [], set)).toEqual([]);
		absent.forget(["a"]);
		expect(absent.notYetTold(new Set(["a", "b"]), [], set)).toEqual(["a"]);
	});

	it("are told again after the client has not asked for them for a while", () => {
		const set = new ResourceSet(CDS);
		const absent = new AbsentNames();
		expect(absent.notYetTold(new Set(["a", "b"]), [], set)).toEqual(["a", "b"]);
		expect(absent.notYetTold(new Set(["b"]), [], set)).toEqual([]);
		expect(absent.notYetTold(new Set(["a", "b"]), [], set)).toEqual(["a"]);
	});

	it("are 4,096 at most", () => {
		const names = new Set(Array.from({ length: 4_097 }, (_, i) => `n${i}`));
		expect(new AbsentNames().notYetTold(names, [], new ResourceSet(CDS))).toEqual([...names].slice(0, 4_096));
	});

	it.each([
		{ first: 0, told: 1_025 },
		{ first: 1, told: 1_024 },
	])("are told until that takes more than 1 MiB", ({ first, told }) => {
		const oneKib = 1_024 - removalBytes("sotw", "");
		const names = Array.from({ length: 1_030 }, (_, i) => `${i}`.padEnd(oneKib + (i === 0 ? first : 0), "x"));
		expect(new AbsentNames().notYetTold(new Set(names), [], new ResourceSet(CDS))).toHaveLength(told);
	});

	it("are told again after they were there", () => {
		const set = new ResourceSet(CDS);
		const absent = new AbsentNames();
		absent.notYetTold(new Set(["a"]), [], set);
		set.put(resourceOf(CDS, "a", "1"), 0);
		expect(absent.notYetTold(new Set(["a"]), [], set)).toEqual([]);
		set.remove("a", 1);
		expect(absent.notYetTold(new Set(["a"]), [], set)).toEqual(["a"]);
	});
});
