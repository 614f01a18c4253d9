import { describe, expect, it } from "vitest";
import { Followers, type PatientSubscriber } from "../../src/cache/followers.js";

class Told implements PatientSubscriber {
	readonly names: string[] = [];
	timesBehind = 0;

	changed(): void {
		throw new Error("it is told when it catches up");
	}

	missed(name: string): void {
		this.names.push(name);
	}

	behind(): void {
		this.timesBehind++;
	}
}

describe("followers", () => {
	it("are woken once however much changes, and told of everything in order when they catch up", () => {
		const followers = new Followers();
		const [one, other] = [new Told(), new Told()];
		const [first, second] = [followers.add(one), followers.add(other)];
		for (const name of ["a", "b", "a"]) followers.tell(name, 0, undefined);
		expect([one.timesBehind, other.timesBehind, one.names]).toEqual([1, 1, []]);
		expect(first.isBehind).toBe(true);
		first.catchUp();
		first.catchUp();
		expect(one.names).toEqual(["a", "b", "a"]);
		expect(first.isBehind).toBe(false);
		followers.tell("c", 0, undefined);
		expect([one.timesBehind, other.timesBehind]).toEqual([2, 1]);
		second.catchUp();
		expect(other.names).toEqual(["a", "b", "a", "c"]);
	});

	it("are told of nothing from before they came, nor of what they know by other means, nor after they left", () => {
		const followers = new Followers();
		followers.tell("a", 0, undefined);
		const told = new Told();
		const follower = followers.add(told);
		followers.tell("b", 0, undefined);
		follower.forgo();
		followers.tell("c", 0, undefined);
		follower.catchUp();
		follower.leave();
		followers.tell("d", 0, undefined);
		expect(told.names).toEqual(["c"]);
		expect(followers.size).toBe(0);
	});

	it("may find at the first change that they know the others", () => {
		const followers = new Followers();
		const names: string[] = [];
		const follower = followers.add({
			changed: () => {},
			behind: () => {},
			missed: (name: string) => {
				names.push(name);
				follower.forgo();
			},
		} as PatientSubscriber);
		for (const name of ["a", "b", "c"]) followers.tell(name, 0, undefined);
		follower.catchUp();
		expect(names).toEqual(["a"]);
		expect(follower.isBehind).toBe(false);
		followers.tell("d", 0, undefined);
		follower.catchUp();
		expect(names).toEqual(["a", "d"]);
	});

	it("that never catch up are told all the same before there is too much to remember", () => {
		const followers = new Followers();
		const told = new Told();
		followers.add(told);
		for (let i = 0; i < 10_000; i++) followers.tell("a", 0, undefined);
		expect(10_000 - told.names.length).toBeLessThan(1_024);
	});

	it("without a way to be woken are told at once", () => {
		const followers = new Followers();
		const names: string[] = [];
		followers.add({ changed: (name) => void names.push(name) });
		followers.tell("a", 0, undefined);
		expect(names).toEqual(["a"]);
	});
});
