import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OpeningPace } from "../../../../src/server/transport/door/opening-pace.js";

describe("the pace at which streams are opened", () => {
	let now = 0;
	let opened: number[];
	let pace: OpeningPace;
	beforeEach(() => {
		now = 0;
		opened = [];
		pace = new OpeningPace();
		vi.spyOn(performance, "now").mockImplementation(() => now);
	});
	afterEach(() => {
		pace.stop();
		vi.restoreAllMocks();
	});

	/** @param cost milliseconds that opening takes. */
	const take = (number: number, cost: number) =>
		pace.take(() => {
			opened.push(number);
			now += cost;
		});

	it("opens at once what comes alone", () => {
		take(1, 1);
		expect(opened).toEqual([1]);
	});

	it("opens a crowd in order, 5 ms of it a turn", async () => {
		for (let i = 0; i < 13; i++) take(i, 1);
		expect(opened).toEqual([0, 1, 2, 3, 4]);
		// One that comes later does not overtake those that wait.
		await turn();
		take(13, 1);
		expect(opened).toHaveLength(10);
		await turn();
		expect(opened).toEqual(Array.from({ length: 14 }, (_, i) => i));
		take(14, 1);
		expect(opened).toHaveLength(15);
	});

	it("opens nothing more once it has ended", async () => {
		for (let i = 0; i < 7; i++) take(i, 1);
		pace.stop();
		await turn();
		await turn();
		expect(opened).toHaveLength(5);
	});
});
