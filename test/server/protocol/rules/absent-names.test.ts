import { describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { AbsentNames } from "../../../../src/server/protocol/rules/absent-names.js";
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
