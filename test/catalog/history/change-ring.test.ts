import { beforeEach, describe, expect, it } from "vitest";
import { bytesOfChange, type Change, sizeOfChange } from "../../../src/catalog/history/change.js";
import { ChangeRing } from "../../../src/catalog/history/change-ring.js";
import { packChanges } from "../../../src/catalog/history/packed-changes.js";
import { changeAt, endpoints } from "./changes-of.js";

let ring: ChangeRing;
let clock: number;

beforeEach(() => {
	ring = new ChangeRing(4_096);
	clock = 0;
});

/** Adds as many changes, each a second after the one before. @param size endpoints of each. */
function add(count: number, size = 0): void {
	for (let i = 0; i < count; i++) ring.add(changeAt(++clock, { added: endpoints(size, clock * size) }));
}

/** Adds so many that as many are packed together, and one is left. */
function pack(count: number, size = 0): void {
	add(count + (clock === 0 ? 1 : 0), size);
	ring.work();
}

const times = () => [...ring.newestFirst()].map(({ at }) => at);
const range = (newest: number, oldest: number) => Array.from({ length: newest - oldest + 1 }, (_, i) => newest - i);

/** How many are forgotten each time. */
function dropAll(): number[] {
	const dropped: number[] = [];
	for (let before = times().length; ring.dropOldest(); before = times().length) dropped.push(before - times().length);
	return dropped;
}

describe("what a change is counted as", () => {
	const [one, two, three] = [endpoints(1), endpoints(2), endpoints(3)];
	const change = changeAt(1, { added: one, removed: two, changed: three, changedFrom: three });

	it("is its endpoints, and a sum that grows with what is no longer served", () => {
		expect(sizeOfChange(change)).toBe(6);
		expect(bytesOfChange(change)).toBe(250 + 400 * 5 + 8 * 4);
		expect([sizeOfChange(changeAt(1)), bytesOfChange(changeAt(1))]).toEqual([0, 250]);
	});
});

describe("a ring of changes", () => {
	it("is empty at first", () => {
		expect([ring.bytes, ring.newest, ring.isDue, times(), ring.dropOldest()]).toEqual([0, undefined, false, [], false]);
		ring.ackedByAll(1);
		ring.work();
		ring.replace(changeAt(1), changeAt(1, { version: "x" }));
		expect(times()).toEqual([]);
	});

	it("is to be packed from 16 on, all but the newest", () => {
		add(15);
		ring.work();
		expect([ring.isDue, ring.bytes]).toEqual([false, 15 * 250]);
		add(1);
		expect(ring.isDue).toBe(true);
		const before = [...ring.newestFirst()];
		ring.work();
		expect([ring.isDue, [...ring.newestFirst()]]).toEqual([false, before]);
		expect(ring.newest).toBe(before[0]);
		expect(ring.bytes).toBeLessThan(16 * 250);
		expect(dropAll()).toEqual([15, 1]);
		expect([ring.bytes, ring.newest]).toEqual([0, undefined]);
	});

	it("forgets one after the other where nothing is packed", () => {
		add(3);
		expect(dropAll()).toEqual([1, 1, 1]);
		expect(ring.bytes).toBe(0);
	});

	it("forgets whole packs once there are more than it may have", () => {
		ring = new ChangeRing(20);
		pack(15);
		pack(15);
		expect(times()).toEqual(range(31, 16));
		add(4);
		expect(times()).toEqual(range(35, 16));
		add(1);
		expect(times()).toEqual(range(36, 31));
		const { bytes } = ring;
		expect(bytes).toBe(6 * 250);
	});

	it("counts nothing that it was made to forget", () => {
		ring = new ChangeRing(20);
		add(10);
		for (let i = 0; i < 10; i++) ring.dropOldest();
		add(16);
		ring.work();
		add(4);
		expect(times()).toEqual(range(30, 11));
		add(1);
		expect(times()).toEqual(range(31, 26));
	});

	it("keeps what is not packed, however few it may have", () => {
		ring = new ChangeRing(3);
		add(10);
		expect(times()).toEqual(range(10, 1));
	});

	it("knows the newest one by its place, packed or not", () => {
		pack(15);
		expect(ring.newest?.at).toBe(16);
		add(1);
		expect(ring.newest?.at).toBe(17);
	});

	it("puts another in place of one that is not packed, and of no other", () => {
		pack(15);
		add(2);
		const [newest, before, , packed] = [...ring.newestFirst()] as [Change, Change, Change, Change];
		ring.ackedByAll(99);
		ring.replace(before, { ...before, version: "x" });
		ring.replace(packed, { ...packed, version: "y" });
		ring.replace({ ...newest, added: [] }, { ...newest, version: "z" });
		ring.replace({ ...newest, at: 1 }, { ...newest, version: "z" });
		const after = [...ring.newestFirst()];
		expect(after.slice(0, 4).map(({ version }) => version)).toEqual(["v18", "x", "v16", "v15"]);
		expect(after[1]?.ackedByAllAt).toBe(99);
	});

	it("notes since when no client lacks what is not packed, once", () => {
		pack(15);
		ring.ackedByAll(50);
		add(1);
		ring.ackedByAll(60);
		ring.ackedByAll(70);
		expect([...ring.newestFirst()].slice(0, 3).map(({ ackedByAllAt }) => ackedByAllAt)).toEqual([60, 50, undefined]);
		// It is packed with it.
		pack(14);
		expect(times()).toEqual(range(31, 1));
		expect([...ring.newestFirst()].slice(14, 16).map(({ ackedByAllAt }) => ackedByAllAt)).toEqual([60, 50]);
	});
});

describe("packs of changes", () => {
	it("are of 1,000 endpoints at most", () => {
		add(2, 400);
		add(1, 200);
		add(1, 1);
		add(12);
		ring.work();
		expect(dropAll()).toEqual([3, 12, 1]);
		expect(ring.bytes).toBe(0);
	});

	it("are of 1,000 endpoints together with what tells of none", () => {
		add(2);
		add(1, 1_000);
		add(13);
		ring.work();
		expect(dropAll()).toEqual([15, 1]);
	});

	it("have no change of more than 1,000 endpoints: that stands alone, and as it is", () => {
		add(1);
		const large = changeAt(++clock, { removed: endpoints(1_001) });
		ring.add(large);
		const most = changeAt(++clock, { removed: endpoints(1_000) });
		ring.add(most);
		add(13);
		ring.work();
		const all = [...ring.newestFirst()];
		expect([all.at(-2) === large, all.at(-3) === most]).toEqual([true, false]);
		expect(all.at(-3)).toEqual(most);
		expect(ring.bytes).toBeGreaterThan(bytesOfChange(large));
		expect(ring.bytes).toBeLessThan(bytesOfChange(large) + 0.1 * bytesOfChange(most));
		expect(dropAll()).toEqual([1, 1, 13, 1]);
		expect(ring.bytes).toBe(0);
	});

	it.each([
		{ of: 64, isText: true },
		{ of: 65, isText: false },
	])("of $of changes stay a text to become part of another: $isText", ({ of, isText }) => {
		pack(of);
		const text = packChanges([...ring.newestFirst()].slice(1).toReversed());
		expect(ring.bytes - 250 === Buffer.byteLength(text)).toBe(isText);
		expect(ring.bytes - 250).toBeLessThanOrEqual(Buffer.byteLength(text));
	});

	it("are of one change where that stands between large ones", () => {
		const [before, after] = [1, 3].map((at) => changeAt(at, { removed: endpoints(1_001) })) as [Change, Change];
		const small = changeAt(2);
		for (const each of [before, small, after]) ring.add(each);
		clock = 3;
		add(13);
		const others = [...ring.newestFirst()].slice(1, 13).toReversed();
		ring.work();
		const packed = [[small], others].map((each) => Buffer.byteLength(packChanges(each)));
		expect(ring.bytes).toBe(2 * bytesOfChange(before) + 250 + packed.reduce((sum, each) => sum + each, 0));
	});

	it("count as the changes that are in them, when there are more than there may be", () => {
		ring = new ChangeRing(16);
		ring.add(changeAt(++clock, { removed: endpoints(1_001) }));
		add(15);
		ring.work();
		add(1);
		expect(times()).toEqual(range(17, 2));
		add(1);
		expect(times()).toEqual(range(18, 16));
	});

	it("become one where eight small ones follow one another", () => {
		for (let i = 0; i < 7; i++) pack(15);
		const { bytes } = ring;
		pack(15);
		expect(ring.bytes).toBeLessThan(bytes);
		expect(times()).toEqual(range(121, 1));
		for (let i = 0; i < 7; i++) pack(15);
		expect(times()).toEqual(range(226, 1));
		expect(dropAll()).toEqual([120, ...Array(7).fill(15), 1]);
		expect(ring.bytes).toBe(0);
	});

	it("become one each time that there are eight more", () => {
		for (let i = 0; i < 16; i++) pack(15);
		expect(dropAll()).toEqual([120, 120, 1]);
	});

	it.each([
		{ each: 64, parts: [512, 1] },
		{ each: 65, parts: [...Array(8).fill(65), 1] },
	])("of $each changes become $parts", ({ each, parts }) => {
		for (let i = 0; i < 8; i++) pack(each);
		expect(dropAll()).toEqual(parts);
	});

	it.each([
		{ size: 1, more: 880, parts: [120, 1] },
		{ size: 1, more: 881, parts: [...Array(8).fill(15), 1] },
	])("become $parts where they tell of 120 endpoints and $more more", ({ size, more, parts }) => {
		for (let i = 0; i < 7; i++) pack(15, size);
		// The one that is left of before is packed with these.
		add(1, size + more);
		add(14, size);
		ring.work();
		expect(dropAll()).toEqual(parts);
	});

	it.each([
		{ more: 6, parts: [13, ...Array(6).fill(15)] },
		{ more: 7, parts: [118] },
	])("are not made one with those before a large change: of $more more become $parts", ({ more, parts }) => {
		for (let i = 0; i < 4; i++) pack(15);
		ring.add(changeAt(++clock, { removed: endpoints(1_001) }));
		add(14);
		ring.work();
		for (let i = 0; i < more; i++) pack(15);
		expect(dropAll()).toEqual([...[15, 15, 15, 15, 1, 1], ...parts, 1]);
		expect(ring.bytes).toBe(0);
	});
});
