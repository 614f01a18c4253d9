import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import type { EncodedResource } from "../../../../src/resources/encoded-resource.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { Nacks } from "../../../../src/server/protocol/acks/nacks.js";
import { FormerResources } from "../../../../src/server/protocol/sotw/former-resources.js";
import type { NamesChange, SotwNames } from "../../../../src/server/protocol/sotw/sotw-names.js";
import { atOnce } from "../../../../src/util/steps.js";
import { resourceOf } from "../transcripts/content.js";

const CDS = resourceType("cds");

let set: ResourceSet;
let nacks: Nacks;
let former: FormerResources;

beforeEach(() => {
	set = new ResourceSet(CDS);
	nacks = new Nacks();
	former = new FormerResources({ set, nacks });
});

const of = (name: string, content = "1") => resourceOf(CDS, name, content);
const namesOf = (list: readonly EncodedResource[]) => list.map(({ name }) => name).join("");

function put(...names: string[]): EncodedResource[] {
	const resources = names.map((name) => of(name));
	for (const resource of resources) set.put(resource, 0);
	return resources;
}

function ack(resources: readonly EncodedResource[], isNewest = true): void {
	atOnce(former.acked(resources, isNewest));
}

/** The client asks for these now. */
function ask(now: string, parts: { added?: string; removed?: string; newlyWildcard?: boolean; all?: boolean }): void {
	const letters = (text = "") => new Set(text);
	const { newlyWildcard = false, all = newlyWildcard } = parts;
	const change: NamesChange = {
		...{ added: letters(parts.added), again: new Set(), removed: letters(parts.removed), newlyWildcard },
	};
	const names = { all, has: (name: string) => now.includes(name) } as unknown as SotwNames;
	atOnce(former.asked(change, names));
}

function reject(resource: EncodedResource): void {
	nacks.add({ version: "v", names: [resource.name], suspects: [resource], accused: 1, error: "bad" });
}

/** Another client ACKs it. */
function accepted(resource: EncodedResource): void {
	set.put(resource, 0);
	set.accept({ resources: [resource], removed: [], accepted: false });
}

describe("what of a rejected set may be to blame", () => {
	it("is all of the first one", () => {
		expect(namesOf(former.accused(put("a", "b")))).toBe("ab");
	});

	it("is what nobody has ACKed, where the client came with a version", () => {
		former.isUnknown();
		const [a, b] = put("a", "b") as [EncodedResource, EncodedResource];
		a.accepted = true;
		expect([namesOf(former.accused([a, b])), former.mayHaveMore, former.hasAcked]).toEqual(["b", true, false]);
		ack([a]);
		expect([former.mayHaveMore, former.hasAcked]).toEqual([false, true]);
	});

	it("is what is on its way in another version, and no more once that is ACKed", () => {
		const [a, b] = put("a", "b") as [EncodedResource, EncodedResource];
		ack([a, b]);
		expect(namesOf(former.accused([a, b]))).toBe("");
		former.sent("a", of("a", "0"));
		expect([namesOf(former.accused([a, b])), former.had("a")?.version]).toEqual(["a", of("a", "0").version]);
		expect(namesOf(former.accused([of("a", "0"), b]))).toBe("");
		former.sent("a", b);
		expect(former.had("a")?.version).toBe(of("a", "0").version);
		ack([a, b], false);
		expect(namesOf(former.accused([a, b]))).toBe("");
		expect(former.had("a")).toBe(a);
		ack([a, b]);
		expect(former.had("a")).toBeUndefined();
	});

	it("is not what the client had before its first ACK: it had nothing", () => {
		former.sent("a", of("a", "0"));
		expect(former.had("a")).toBeUndefined();
	});

	it("is what is asked for anew, one by one", () => {
		const all = put("a", "b", "c");
		ask("ab", { added: "b" });
		ack(all);
		expect(namesOf(former.accused(all))).toBe("");
		ask("ab", { added: "b" });
		expect(namesOf(former.accused(all))).toBe("b");
	});

	it("is by a wildcard what was not asked for before", () => {
		const all = put("a", "b", "c", "d");
		ack(all);
		ask("ac", { added: "c", removed: "b", newlyWildcard: true });
		expect(namesOf(former.accused(all))).toBe("cd");
	});

	it("is nothing more where a wildcard that was there already lists it", () => {
		const all = put("a", "b");
		ack(all);
		ask("ab", { added: "b", all: true });
		expect(namesOf(former.accused(all))).toBe("");
	});
});

describe("what can be left out or replaced", () => {
	it("is anything, unless the client came with a version and no other client has ACKed one", () => {
		const [a, b] = put("a", "b") as [EncodedResource, EncodedResource];
		expect(former.canDoWithout([a, b])).toBe(true);
		former.isUnknown();
		expect([former.canDoWithout([]), former.canDoWithout([a])]).toEqual([true, false]);
		accepted(a);
		set.put(of("a", "2"), 0);
		expect([former.canDoWithout([of("a", "2")]), former.canDoWithout([of("a", "2"), b])]).toEqual([true, false]);
		nacks.cannotStandIn(a);
		expect(former.canDoWithout([of("a", "2")])).toBe(false);
	});
});

describe("what stands in for a rejected resource", () => {
	const newest = of("a", "2");

	beforeEach(() => {
		accepted(of("a"));
		set.put(newest, 0);
	});

	it("is what the client had, and else the last version that others have ACKed", () => {
		reject(newest);
		expect(former.standIn(newest)?.version).toBe(of("a").version);
		ack([]);
		former.sent("a", of("a", "0"));
		expect(former.standIn(newest)?.version).toBe(of("a", "0").version);
		expect(former.inPlaceOf("a")?.version).toBe(of("a", "0").version);
	});

	it("is nothing while a part of a rejected set is tried, unless the client came with a version", () => {
		nacks.add({ version: "v", names: ["a", "b"], suspects: [newest, of("b")], accused: 2, error: "bad" });
		expect(nacks.isSearching).toBe(true);
		expect(former.standIn(newest)).toBeUndefined();
		former.isUnknown();
		expect(former.standIn(newest)?.version).toBe(of("a").version);
	});

	it("is nothing where nobody has ACKed any, and the rejected one where leaving it out would delete more", () => {
		const [b] = put("b") as [EncodedResource];
		reject(b);
		expect(former.standIn(b)).toBeUndefined();
		former.isUnknown();
		expect(former.standIn(b)).toBe(b);
	});

	it("stays the same until it is ACKed, and is not tried again once it is rejected", () => {
		reject(newest);
		const fallback = former.standIn(newest) as EncodedResource;
		expect(former.inPlaceOf("a")).toBe(fallback);
		ack([fallback]);
		expect(former.inPlaceOf("a")).toBe(fallback);
		former.clear();
		expect(former.inPlaceOf("a")).toBeUndefined();
		expect(former.standIn(newest)).toBe(fallback);
		former.nacked([fallback, newest], [newest]);
		expect([former.inPlaceOf("a"), nacks.canStandIn(fallback), former.standIn(newest)]).toEqual([
			...[undefined, false, undefined],
		]);
	});

	it("may be what others have ACKed, where the client came with a version", () => {
		expect(former.mayHave("a")).toBeUndefined();
		former.isUnknown();
		expect(former.mayHave("a")?.version).toBe(of("a").version);
	});

	it("is what was ACKed while the newest is rejected", () => {
		ack([of("a", "0")]);
		former.sent("a", of("a", "0"));
		reject(newest);
		ack([of("a", "0")]);
		expect(former.had("a")?.version).toBe(of("a", "0").version);
	});

	it("is forgotten with the names that are not asked for any more", () => {
		ack([]);
		former.sent("a", of("a", "0"));
		former.sent("b", of("b", "0"));
		former.keep((name) => name === "b");
		expect([former.had("a"), former.had("b")?.name]).toEqual([undefined, "b"]);
	});
});
