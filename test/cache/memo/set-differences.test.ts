import { beforeEach, describe, expect, it } from "vitest";
import { SetDifferences } from "../../../src/cache/memo/set-differences.js";

const NAMES = ["web", "cart"];

let one: SetDifferences;
let other: SetDifferences;

beforeEach(() => {
	one = new SetDifferences();
	other = new SetDifferences();
});

const both = () => [one.get(other), other.get(one)];

describe("the differences of two sets", () => {
	it("are known to both once they are found out, though there be none", () => {
		expect(both()).toEqual([undefined, undefined]);
		one.set(other, NAMES);
		expect(both()).toEqual([NAMES, NAMES]);
		other.set(one, []);
		expect(both()).toEqual([[], []]);
	});

	it("are forgotten by both when either changes", () => {
		for (const changed of [one, other]) {
			one.set(other, NAMES);
			changed.clear();
			expect(both()).toEqual([undefined, undefined]);
		}
	});

	it("are found out anew after a change, as often as there is one", () => {
		one.clear();
		for (let i = 0; i < 3; i++) {
			one.set(other, [String(i)]);
			expect(both()).toEqual([[String(i)], [String(i)]]);
			one.clear();
			other.clear();
			expect(both()).toEqual([undefined, undefined]);
		}
	});

	it("are not those to a third one", () => {
		const third = new SetDifferences();
		one.set(other, NAMES);
		expect([one.get(third), third.get(one)]).toEqual([undefined, undefined]);
		one.set(third, ["x"]);
		expect([...both(), third.get(one)]).toEqual([NAMES, NAMES, ["x"]]);
		third.clear();
		expect([...both(), one.get(third)]).toEqual([NAMES, NAMES, undefined]);
		other.set(third, ["y"]);
		one.clear();
		expect([...both(), third.get(other)]).toEqual([undefined, undefined, ["y"]]);
	});
});
