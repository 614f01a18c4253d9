import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpuTime } from "../../../../lab/cpu-time.js";
import { CulpritSearch } from "../../../../src/server/protocol/acks/culprit-search.js";

/** Plays a client that rejects whatever holds a bad name. @returns what it was sent until the search was over. */
function play(search: CulpritSearch, bad: ReadonlySet<string>, tells = false): readonly (readonly string[])[] {
	const sent: (readonly string[])[] = [];
	for (let probe = search.probe; probe; probe = search.probe) {
		expect(search.probe).toBe(probe);
		sent.push(probe);
		const rejected = probe.filter((name) => bad.has(name));
		if (rejected.length === 0) search.accepted();
		else search.rejected(tells ? rejected.slice(0, 1) : []);
	}
	return sent;
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`);

describe("the search for what a client rejects", () => {
	it("is over at once where there is one name", () => {
		const search = new CulpritSearch(["a"], []);
		expect(search.probe).toBeUndefined();
		expect(search.verdict).toEqual({ culprits: ["a"], undecided: [] });
	});

	it("sends what the text does not name, and believes it", () => {
		const search = new CulpritSearch(["a", "b", "c"], ["b"]);
		expect(play(search, new Set(["b"]))).toEqual([["a", "c"]]);
		expect(search.verdict).toEqual({ culprits: ["b"], undecided: [] });
	});

	it("takes a text that names everything for one that tells nothing", () => {
		const search = new CulpritSearch(["a", "b"], ["a", "b"]);
		expect(play(search, new Set(["b"]))).toEqual([["a"]]);
		expect(search.verdict).toEqual({ culprits: ["b"], undecided: [] });
	});

	it("halves, and sends the rest once the culprit is known", () => {
		const search = new CulpritSearch(["a", "b", "c", "d"], []);
		expect(play(search, new Set(["a"]))).toEqual([["a", "b"], ["a"], ["c", "d", "b"]]);
		expect(search.verdict).toEqual({ culprits: ["a"], undecided: [] });
	});

	it("gives up within its bound where nearly all are rejected, and says what is undecided", () => {
		const search = new CulpritSearch(names(16), []);
		expect(play(search, new Set(names(15))).length).toBeLessThanOrEqual(5);
		const { culprits, undecided } = search.verdict;
		expect(culprits).toEqual(["s0"]);
		expect(undecided).toHaveLength(15);
	});

	it("finds one culprit wherever it is, and every other name reaches the client, in at most log2 n + 1 responses", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.boolean(), (count, where, tells) => {
				const all = names(count);
				const culprit = `s${where % count}`;
				const search = new CulpritSearch(all, []);
				const sent = play(search, new Set([culprit]), tells);
				expect(sent.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)) + 1);
				expect(search.verdict).toEqual({ culprits: [culprit], undecided: [] });
				const accepted = new Set(sent.filter((probe) => !probe.includes(culprit)).flat());
				expect([...accepted].sort()).toEqual(all.filter((name) => name !== culprit).sort());
			}),
		);
	});

	it("convicts nobody wrongly, loses no name and keeps its bound, whatever is rejected", () => {
		const history = fc.record({
			count: fc.integer({ min: 1, max: 40 }),
			bad: fc.uniqueArray(fc.nat(39), { minLength: 1 }),
			tells: fc.boolean(),
		});
		fc.assert(
			fc.property(history, ({ count, bad, tells }) => {
				const rejects = new Set(bad.map((i) => `s${i % count}`));
				const search = new CulpritSearch(names(count), []);
				const sent = play(search, rejects, tells);
				expect(sent.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)) + 1);
				const { culprits, undecided } = search.verdict;
				expect(culprits.every((name) => rejects.has(name))).toBe(true);
				const has = sent.filter((probe) => !probe.some((name) => rejects.has(name))).flat();
				expect([...new Set([...has, ...culprits, ...undecided])].sort()).toEqual(names(count).sort());
			}),
		);
	});

	it("does not hold a rejection against the others where a name of the probe has changed since", () => {
		const search = new CulpritSearch(["a", "b", "c", "d"], []);
		expect(search.probe).toEqual(["a", "b"]);
		search.forget("a");
		search.rejected([]);
		expect(search.verdict.culprits).toEqual([]);
		expect([...(search.probe ?? [])].sort()).toEqual(["b", "c", "d"]);
		search.accepted();
		expect(search.probe).toBeUndefined();
		expect(search.verdict).toEqual({ culprits: [], undecided: [] });
	});

	it.each(["accepted", "rejected"] as const)("is told nothing by a response that was %s and is no probe", (answer) => {
		const search = new CulpritSearch(["a", "b"], []);
		search[answer]([]);
		expect(search.verdict.culprits).toEqual([]);
		expect([...search.verdict.undecided].sort()).toEqual(["a", "b"]);
	});

	it("sends all that is left at once where something has changed since, which may have been the culprit", () => {
		const search = new CulpritSearch(["a", "b"], [], 3);
		expect([search.probe, search.isProbed("a"), search.isProbed("c")]).toEqual([["a", "b"], true, false]);
		search.accepted();
		expect([search.hasProbe, search.verdict]).toEqual([false, { culprits: [], undecided: [] }]);
		const rejected = new CulpritSearch(["a", "b"], [], 3);
		expect(play(rejected, new Set(["b"]))).toEqual([["a", "b"], ["a"]]);
		expect(rejected.verdict).toEqual({ culprits: ["b"], undecided: [] });
	});

	it("believes a text also where something has changed since", () => {
		const search = new CulpritSearch(["a", "b"], ["b"], 3);
		expect(play(search, new Set(["b"]))).toEqual([["a"]]);
		expect(search.verdict.culprits).toEqual(["b"]);
	});

	it("has as many responses as all that was rejected allows", () => {
		const search = new CulpritSearch(["a", "b"], [], 2);
		expect(play(search, new Set(["a", "b"]))).toEqual([["a"], ["b"]]);
		const few = new CulpritSearch(["a", "b", "c", "d"], [], 4);
		expect(play(few, new Set(["a", "b", "c", "d"]))).toEqual([["a", "b"], ["a"], ["c", "d", "b"]]);
		expect(few.verdict).toEqual({ culprits: ["a"], undecided: ["c", "d", "b"] });
	});

	it("goes on with the rest where nothing of a part is left to send", () => {
		const search = new CulpritSearch(["a", "b", "c", "d"], []);
		expect(search.probe).toEqual(["a", "b"]);
		for (const name of ["a", "b"]) search.forget(name);
		search.skipped();
		expect(search.probe).toEqual(["c", "d"]);
		search.rejected([]);
		expect(search.probe).toEqual(["c"]);
		search.rejected([]);
		expect(search.verdict).toEqual({ culprits: ["c"], undecided: ["d"] });
	});

	it("does not suspect the others more where one of them has changed that was not tried", () => {
		const search = new CulpritSearch(["a", "b", "c", "d"], []);
		expect(search.probe).toEqual(["a", "b"]);
		search.forget("d");
		search.accepted();
		expect([search.probe, search.verdict]).toEqual([["c"], { culprits: [], undecided: ["c"] }]);
		search.accepted();
		expect(search.verdict).toEqual({ culprits: [], undecided: [] });
	});

	it("forgets a culprit whose content has changed", () => {
		const search = new CulpritSearch(["a"], []);
		search.forget("a");
		expect(search.verdict).toEqual({ culprits: [], undecided: [] });
	});

	it("costs little for each of very many names that changes meanwhile", () => {
		const search = new CulpritSearch(names(100_000), []);
		const start = cpuTime();
		for (const name of names(100_000)) {
			expect(search.hasProbe).toBe(true);
			search.forget(name);
		}
		// Were the names looked through each time, it would be minutes.
		expect(cpuTime() - start).toBeLessThan(5_000);
		expect(search.verdict).toEqual({ culprits: [], undecided: [] });
	});
});
