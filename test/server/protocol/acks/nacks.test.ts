import { beforeEach, describe, expect, it, vi } from "vitest";
import type { EncodedResource } from "../../../../src/resources/encoded-resource.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { type NackedResponse, Nacks } from "../../../../src/server/protocol/acks/nacks.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");

let nacks: Nacks;

beforeEach(() => {
	nacks = new Nacks();
});

const of = (name: string, content = "1") => resourceOf(EDS, name, content);

function rejection(suspects: readonly EncodedResource[], parts: Partial<NackedResponse> = {}): NackedResponse {
	const names = suspects.map(({ name }) => name);
	return { version: "v", names, suspects, accused: suspects.length, error: "bad", ...parts };
}

/** The probes that a client is sent which rejects these, up to the end of the search. */
function search(...bad: readonly string[]) {
	const probes: string[] = [];
	for (let probe = nacks.takeProbe(); probe; probe = nacks.takeProbe()) {
		probes.push(probe.join(""));
		nacks.probed(probe.some((name) => bad.includes(name)) ? "bad" : undefined);
	}
	return probes;
}

describe("a rejected response", () => {
	it("of one resource is for that one: it is not sent again, and no search is needed", () => {
		expect(nacks.add(rejection([of("a")]))).toEqual({ culprits: ["a"], undecided: [], error: "bad" });
		expect([nacks.size, [...nacks.names()], nacks.of("a")?.name]).toEqual([1, ["a"], "a"]);
		expect([nacks.isNacked(of("a")), nacks.isNacked(of("a", "2")), nacks.isNacked(of("b"))]).toEqual([
			...[true, false, false],
		]);
		expect([nacks.isSearching, nacks.probeDue, nacks.takeProbe()]).toEqual([false, false, undefined]);
		expect(nacks.nack).toMatchObject({ version: "v", resources: ["a"], error: "bad", searching: false });
	});

	it("of which nothing is still to be had is shown alone", () => {
		expect(nacks.add(rejection([], { names: ["a", "b"] }))).toBeUndefined();
		expect([nacks.size, nacks.isDue]).toEqual([0, false]);
		expect(nacks.nack).toMatchObject({ resources: ["a", "b"], searching: false });
		nacks.acked([]);
		expect(nacks.nack).toBeNull();
	});

	it("of several is searched, a probe at a time", () => {
		expect(nacks.add(rejection(["a", "b", "c", "d"].map((name) => of(name))))).toBeUndefined();
		expect(nacks.nack).toMatchObject({ resources: ["a", "b", "c", "d"], searching: true });
		expect([nacks.isSearching, nacks.probeDue, nacks.isDue, nacks.isProbed("a")]).toEqual([true, true, true, false]);
		expect(nacks.takeProbe()).toEqual(["a", "b"]);
		expect([nacks.probeDue, nacks.isDue, nacks.takeProbe()]).toEqual([false, false, undefined]);
		expect([nacks.isProbed("a"), nacks.isProbed("c")]).toEqual([true, false]);
		expect(nacks.probed(undefined)).toBeUndefined();
		expect([[...nacks.names()], nacks.isProbed("a"), nacks.probeDue]).toEqual([["c", "d"], false, true]);
		expect(nacks.takeProbe()).toEqual(["c"]);
		expect(nacks.probed("bad")).toBeUndefined();
		expect(nacks.takeProbe()).toEqual(["d"]);
		expect(nacks.probed(undefined)).toEqual({ culprits: ["c"], undecided: [], error: "bad" });
		expect([nacks.isSearching, [...nacks.names()]]).toEqual([false, ["c"]]);
		expect(nacks.nack).toMatchObject({ resources: ["c"], searching: false });
	});

	it("during a search waits for its own, with the outcome of both, and 16 at most", () => {
		nacks.add(rejection([of("a"), of("b")]));
		for (let i = 0; i < 17; i++) nacks.add(rejection([of(`x${i}`), of(`y${i}`)], { error: `e${i}` }));
		expect(nacks.nack).toMatchObject({ error: "e16", searching: true });
		const found = search("a", ...Array.from({ length: 17 }, (_, i) => `x${i}`));
		expect(found).toContain("y15");
		expect(found).not.toContain("y16");
		expect(nacks.isSearching).toBe(false);
		expect([nacks.of("y15"), nacks.of("y16")?.name, nacks.of("x16")?.name]).toEqual([undefined, "y16", "x16"]);
	});

	it("that waits and is for one resource ends with the search before it", () => {
		nacks.add(rejection([of("a"), of("b")]));
		expect(nacks.add(rejection([of("c")], { error: "worse" }))).toBeUndefined();
		expect(nacks.takeProbe()).toEqual(["a"]);
		expect(nacks.probed("bad")).toBeUndefined();
		expect(nacks.takeProbe()).toEqual(["b"]);
		expect(nacks.probed(undefined)).toEqual({ culprits: ["a", "c"], undecided: [], error: "worse" });
	});

	it("ends its search where the probe will not be acknowledged: the rest stays undecided", () => {
		nacks.add(rejection(["a", "b", "c", "d"].map((name) => of(name))));
		expect(nacks.probeLost()).toBeUndefined();
		nacks.takeProbe();
		expect(nacks.probeLost()).toEqual({ culprits: [], undecided: ["a", "b", "c", "d"], error: "bad" });
		expect([nacks.isSearching, nacks.probeDue, nacks.size]).toEqual([false, false, 4]);
		expect([nacks.probeLost(), nacks.probed(undefined)]).toEqual([undefined, undefined]);
	});

	it("is searched by what the client says of probes, and by nothing that it says before there is one", () => {
		nacks.add(rejection(["a", "b", "c", "d"].map((name) => of(name))));
		expect([nacks.probed("bad"), nacks.probed(undefined)]).toEqual([undefined, undefined]);
		expect(nacks.takeProbe()).toEqual(["a", "b"]);
	});

	it("goes on with its search where nothing of a probe is left to send", () => {
		nacks.add(rejection(["a", "b", "c", "d"].map((name) => of(name))));
		expect(nacks.probed("early")).toBeUndefined();
		nacks.takeProbe();
		for (const name of ["a", "b"]) nacks.release(name);
		expect(nacks.probeSkipped()).toBeUndefined();
		expect(nacks.probeDue).toBe(true);
		expect(nacks.takeProbe()).toEqual(["c", "d"]);
		expect(nacks.probed("bad")).toBeUndefined();
		expect(nacks.takeProbe()).toEqual(["c"]);
	});

	it("is shown no more once all of it was asked for anew and the client ACKs something", () => {
		nacks.add(rejection([of("a")]));
		nacks.release("a");
		expect([nacks.size, nacks.nack?.resources]).toEqual([0, ["a"]]);
		nacks.acked([of("b")]);
		expect(nacks.nack).toBeNull();
	});

	it("is shown no more once the client ACKs all of it, and no sooner", () => {
		vi.setSystemTime(5_000);
		nacks.add(rejection([of("a")]));
		nacks.add(rejection([of("b")]));
		expect(nacks.nack?.at.getTime()).toBe(5_000);
		vi.useRealTimers();
		nacks.acked([of("a", "2"), of("b")]);
		expect([[...nacks.names()], nacks.nack === null]).toEqual([["a"], false]);
		nacks.acked([of("a")]);
		expect([nacks.size, nacks.nack]).toEqual([0, null]);
	});

	it("is shown during a search whatever the client ACKs, and not after one that finds nothing", () => {
		nacks.add(rejection([of("a"), of("b")]));
		nacks.acked([of("a"), of("b")]);
		expect([nacks.size, nacks.nack?.searching]).toEqual([0, true]);
		nacks.takeProbe();
		nacks.probeSkipped();
		search();
		expect([nacks.isSearching, nacks.nack]).toEqual([false, null]);
	});
});

describe("what stands in for a rejected version", () => {
	it("may be any version but those that were rejected, 8 beside the newest", () => {
		nacks.add(rejection([of("a", "new")]));
		expect([nacks.canStandIn(of("a", "new")), nacks.canStandIn(of("a", "0"))]).toEqual([false, true]);
		for (let i = 0; i < 9; i++) nacks.cannotStandIn(of("a", `${i}`));
		expect(Array.from({ length: 10 }, (_, i) => nacks.canStandIn(of("a", `${i}`)))).toEqual([
			...[true, false, false, false, false, false, false, false, false, true],
		]);
		nacks.cannotStandIn(of("a", "1"));
		nacks.cannotStandIn(of("a", "9"));
		expect([nacks.canStandIn(of("a", "1")), nacks.canStandIn(of("a", "2"))]).toEqual([false, true]);
		expect(nacks.canStandIn(of("b", "1"))).toBe(true);
	});

	it("may be a version that was rejected, once the client ACKs another or asks anew", () => {
		nacks.cannotStandIn(of("a", "1"));
		nacks.cannotStandIn(of("b", "1"));
		nacks.acked([of("a", "2")]);
		expect([nacks.canStandIn(of("a", "1")), nacks.canStandIn(of("b", "1"))]).toEqual([true, false]);
		nacks.release("b");
		expect(nacks.canStandIn(of("b", "1"))).toBe(true);
	});

	it("is not what another version has taken the place of", () => {
		nacks.add(rejection([of("a", "1")]));
		nacks.replaced("a");
		nacks.replaced("b");
		expect([nacks.size, nacks.isNacked(of("a", "1")), nacks.canStandIn(of("a", "1"))]).toEqual([0, false, false]);
		expect(nacks.canStandIn(of("b", "1"))).toBe(true);
	});

	it("is due for what is found, unless a search goes on", () => {
		nacks.add(rejection([of("a")]));
		expect(nacks.isDue).toBe(true);
		expect([...nacks.takeStuck()]).toEqual([["a", false]]);
		expect([nacks.isDue, nacks.takeStuck().size]).toEqual([false, 0]);
		nacks.fallBack("a", true);
		nacks.fallBack("a", false);
		nacks.fallBack("b", false);
		nacks.fallBack("b", true);
		nacks.fallBack("c", false);
		nacks.add(rejection([of("x"), of("y")]));
		nacks.takeProbe();
		expect([nacks.isDue, nacks.takeStuck().size]).toEqual([false, 0]);
		nacks.probeLost();
		expect(nacks.isDue).toBe(true);
		expect(Object.fromEntries(nacks.takeStuck())).toEqual({ a: true, b: true, c: false, x: false, y: false });
	});
});

it("nothing is rejected, due or searched any more once the stream has ended", () => {
	nacks.add(rejection([of("a")]));
	nacks.cannotStandIn(of("b", "1"));
	nacks.add(rejection([of("x"), of("y")]));
	nacks.add(rejection([of("z")]));
	nacks.clear();
	expect([nacks.size, nacks.isSearching, nacks.isDue, nacks.canStandIn(of("b", "1"))]).toEqual([0, false, false, true]);
	expect(nacks.takeStuck().size).toBe(0);
	expect(nacks.add(rejection([of("o")], { error: "later" }))).toMatchObject({ culprits: ["o"], error: "later" });
	nacks.add(rejection([of("p"), of("q")], { error: "later" }));
	expect(search("p")).toEqual(["p", "q"]);
	expect([...nacks.names()]).toEqual(["o", "p"]);
});
