import { describe, expect, it } from "vitest";
import { ChangeFeed, type LazySubscriber } from "../../src/cache/change-feed.js";

class Told implements LazySubscriber {
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

describe("feed", () => {
	it("are woken once however much changes, and told of everything in order when they catch up", () => {
		const feed = new ChangeFeed();
		const [one, other] = [new Told(), new Told()];
		const [first, second] = [feed.add(one), feed.add(other)];
		for (const name of ["a", "b", "a"]) feed.tell(name, 0, undefined);
		expect([one.timesBehind, other.timesBehind, one.names]).toEqual([1, 1, []]);
		expect(first.isBehind).toBe(true);
		first.read();
		first.read();
		expect(one.names).toEqual(["a", "b", "a"]);
		expect(first.isBehind).toBe(false);
		feed.tell("c", 0, undefined);
		expect([one.timesBehind, other.timesBehind]).toEqual([2, 1]);
		second.read();
		expect(other.names).toEqual(["a", "b", "a", "c"]);
	});

	it("are told of nothing from before they came, nor of what they know by other means, nor after they left", () => {
		const feed = new ChangeFeed();
		feed.tell("a", 0, undefined);
		const told = new Told();
		const cursor = feed.add(told);
		feed.tell("b", 0, undefined);
		cursor.skip();
		feed.tell("c", 0, undefined);
		cursor.read();
		cursor.leave();
		feed.tell("d", 0, undefined);
		expect(told.names).toEqual(["c"]);
		expect(feed.size).toBe(0);
	});

	it("may find at the first change that they know the others", () => {
		const feed = new ChangeFeed();
		const names: string[] = [];
		const cursor = feed.add({
			changed: () => {},
			behind: () => {},
			missed: (name: string) => {
				names.push(name);
				cursor.skip();
			},
		} as LazySubscriber);
		for (const name of ["a", "b", "c"]) feed.tell(name, 0, undefined);
		cursor.read();
		expect(names).toEqual(["a"]);
		expect(cursor.isBehind).toBe(false);
		feed.tell("d", 0, undefined);
		cursor.read();
		expect(names).toEqual(["a", "d"]);
	});

	it("that never catch up are told all the same, once there are 512 changes to remember", () => {
		const feed = new ChangeFeed();
		const [told, later] = [new Told(), new Told()];
		feed.add(told);
		const tell = (times: number) => {
			for (let i = 0; i < times; i++) feed.tell("a", 0, undefined);
		};
		tell(511);
		feed.add(later);
		expect(told.names).toHaveLength(0);
		tell(1);
		expect([told.names.length, told.timesBehind, later.names.length]).toEqual([512, 1, 0]);
		tell(511);
		expect([told.names.length, told.timesBehind, later.names.length]).toEqual([512, 2, 0]);
		tell(1);
		expect([told.names.length, later.names.length]).toEqual([1_024, 513]);
	});

	it("without a way to be woken are told at once", () => {
		const feed = new ChangeFeed();
		const names: string[] = [];
		feed.add({ changed: (name) => void names.push(name) });
		feed.tell("a", 0, undefined);
		expect(names).toEqual(["a"]);
	});
});
