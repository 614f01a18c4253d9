import { describe, expect, it } from "vitest";
import { together } from "../../src/state/together.js";

describe("together", () => {
	it("does all in their order, and no more at a time than it may", async () => {
		const begun: number[] = [];
		let [now, most] = [0, 0];
		const items = Array.from({ length: 20 }, (_, i) => i);
		await together(items, 3, async (item) => {
			begun.push(item);
			most = Math.max(most, ++now);
			for (let i = 0; i <= item % 4; i++) await Promise.resolve();
			now--;
		});
		expect([begun, most]).toEqual([items, 3]);
	});

	it("has nothing to do for nothing, and throws what one of them does", async () => {
		await together([], 3, () => Promise.reject(new Error("never")));
		await expect(
			together([1, 2], 3, (i) => (i === 2 ? Promise.reject(new Error("two")) : Promise.resolve())),
		).rejects.toThrow("two");
	});
});
