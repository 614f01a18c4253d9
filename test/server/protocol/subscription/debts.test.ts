import { beforeEach, describe, expect, it } from "vitest";
import { Debts } from "../../../../src/server/protocol/subscription/debts.js";

let debts: Debts;

beforeEach(() => {
	debts = new Debts();
});

const owed = () => [[...debts.pending], [...debts.forced], [...debts.leaving.keys()]];

describe("what a client is owed", () => {
	it("is nothing at first", () => {
		expect([debts.areDue, debts.areNone, owed()]).toEqual([false, true, [[], [], []]]);
	});

	it("is a name that changed, though it was leaving", () => {
		debts.leaving.set("a", "removed");
		debts.changed("a", 1);
		expect([debts.areDue, debts.areNone, owed()]).toEqual([true, false, [["a"], [], []]]);
	});

	it("is a name that was asked for, though it was leaving", () => {
		debts.leaving.set("a", "removed");
		debts.force("a");
		expect([debts.areDue, debts.areNone, owed()]).toEqual([true, false, [["a"], ["a"], []]]);
	});

	it("is a name that leaves", () => {
		debts.leaving.set("a", "removed");
		expect([debts.areDue, debts.areNone]).toEqual([true, false]);
	});

	it("is a response alone", () => {
		debts.responseDue = true;
		expect([debts.areDue, debts.areNone]).toEqual([true, false]);
	});

	it("stays a name that is forced and awaited, with nothing to send now", () => {
		debts.force("a");
		debts.pending.delete("a");
		expect([debts.areDue, debts.areNone]).toEqual([false, false]);
	});

	it("stays something as long as a change was not looked at", () => {
		debts.changed("a", 1);
		debts.pending.delete("a");
		expect([debts.areDue, debts.areNone]).toEqual([false, false]);
		debts.takeSince();
		expect(debts.areNone).toBe(true);
	});

	it("is no more a name that was cancelled", () => {
		debts.force("a");
		debts.changed("b", 1);
		debts.leaving.set("c", "removed");
		for (const name of ["a", "c", "b"]) debts.cancel(name);
		expect([debts.areNone, owed()]).toEqual([true, [[], [], []]]);
		expect(debts.takeSince()).toBeUndefined();
	});

	it("is known by its names, each once", () => {
		debts.force("a");
		debts.changed("b", 1);
		debts.leaving.set("c", "placeholder");
		debts.forced.add("d");
		expect([...debts.names()]).toEqual(["a", "b", "d", "c"]);
	});

	it("is nothing once it is cleared", () => {
		debts.force("a");
		debts.changed("b", 1);
		debts.leaving.set("c", "removed");
		debts.clear();
		expect([debts.areNone, owed(), debts.takeSince()]).toEqual([true, [[], [], []], undefined]);
	});
});

describe("the time of the oldest change", () => {
	it("is that of the first, as long as a name is pending", () => {
		debts.changed("a", 1);
		debts.changed("b", 2);
		expect([debts.takeSince(), debts.takeSince()]).toEqual([1, 1]);
		debts.pending.clear();
		expect([debts.takeSince(), debts.takeSince()]).toEqual([1, undefined]);
		debts.changed("a", 3);
		expect(debts.takeSince()).toBe(3);
	});

	it("stays as long as a name is leaving", () => {
		debts.changed("a", 0);
		debts.pending.clear();
		debts.leaving.set("a", "removed");
		expect([debts.takeSince(), debts.takeSince()]).toEqual([0, 0]);
	});
});
