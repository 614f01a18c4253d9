import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sliceObject } from "../../../lab/slice-object.js";
import { readSlice, type Slice } from "../../../src/providers/kubernetes/api/endpoint-slice.js";
import { bestOf, type Said } from "../../../src/providers/kubernetes/pods-of-address.js";

const STATES = {
	ready: { ready: true, serving: true, terminating: false },
	draining: { ready: false, serving: true, terminating: true },
	unready: { ready: false, serving: false, terminating: false },
	gone: { ready: false, serving: false, terminating: true },
} as const;

type State = keyof typeof STATES;

interface Pod {
	readonly uid?: string;
	readonly name?: string;
	readonly state: State;
}

/** One slice whose pods all have the same address. */
function slice(revision: number, ...pods: readonly Pod[]): Slice {
	const endpoints = pods.map(({ uid, name = uid, state }) => ({
		addresses: ["10.7.0.9"],
		conditions: STATES[state],
		...(name === undefined ? {} : { targetRef: { kind: "Pod", name, uid } }),
	}));
	const object = sliceObject("web", { name: `web-${revision}`, endpoints });
	return readSlice({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }, new Date(0));
}

function saidBy(...slices: readonly Slice[]): Said[] {
	return slices.flatMap((each) => each.endpoints.map((e) => ({ slice: each, each: e, address: e.address, port: 80 })));
}

function best(...slices: readonly Slice[]): string {
	const { each, slice } = bestOf(saidBy(...slices));
	const state = (Object.keys(STATES) as State[]).find((key) => {
		const { ready, serving, terminating } = STATES[key];
		return each.ready === ready && each.serving === serving && each.terminating === terminating;
	});
	return `${each.podId ?? "?"} ${state} ${slice.revision}`;
}

describe("of several pods with one address", () => {
	it.each([
		["ready", "draining"],
		["draining", "unready"],
		["unready", "gone"],
	] as const)("the one that is %s counts before the one that is %s, whichever is newer or first", (good, bad) => {
		const [a, b] = [
			{ uid: "a", state: good },
			{ uid: "b", state: bad },
		];
		expect(best(slice(5, a, b))).toBe(`a ${good} 5`);
		expect(best(slice(5, b, a))).toBe(`a ${good} 5`);
		expect(best(slice(4, a), slice(5, b))).toBe(`a ${good} 4`);
		expect(best(slice(5, a), slice(4, b))).toBe(`a ${good} 5`);
	});

	it("a replaced one of the same name is another pod", () => {
		const [before, after] = [
			{ uid: "1", name: "db-0", state: "gone" },
			{ uid: "2", name: "db-0", state: "ready" },
		] as const;
		expect(best(slice(9, before), slice(8, after))).toBe("2 ready 8");
	});
});

describe("of one pod with one address", () => {
	it("the newer slice counts, whatever the number of digits; in one slice the better", () => {
		const [ready, unready] = [
			{ uid: "a", state: "ready" },
			{ uid: "a", state: "unready" },
		] as const;
		expect(best(slice(99, ready), slice(100, unready))).toBe("a unready 100");
		expect(best(slice(100, ready), slice(99, unready))).toBe("a ready 100");
		expect(best(slice(7, unready, ready))).toBe("a ready 7");
	});

	it("what it said before helps no other pod", () => {
		const moved = [slice(4, { uid: "a", state: "ready" }), slice(5, { uid: "a", state: "gone" })];
		expect(best(...moved, slice(3, { uid: "b", state: "draining" }))).toBe("b draining 3");
	});

	it("that no slice names, it is one pod", () => {
		expect(best(slice(4, { state: "ready" }), slice(5, { state: "unready" }))).toBe("? unready 5");
	});
});

it("the order in which it is said decides nothing", () => {
	const pod = fc.record({
		uid: fc.constantFrom("a", "b", "c"),
		state: fc.constantFrom(...(Object.keys(STATES) as State[])),
	});
	const slices = fc.uniqueArray(
		fc.tuple(fc.integer({ min: 1, max: 200 }), fc.array(pod, { minLength: 1, maxLength: 4 })),
		{
			minLength: 1,
			maxLength: 4,
			selector: ([revision]) => revision,
		},
	);
	const shuffled = slices.chain((list) => {
		const said = saidBy(...list.map(([revision, pods]) => slice(revision, ...pods)));
		return fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length }));
	});
	fc.assert(
		fc.property(shuffled, ([one, other]) => {
			expect(bestOf(other)).toEqual(bestOf(one));
		}),
	);
});
