import { expect, it } from "vitest";
import { LineBudget } from "../../src/util/line-budget.js";

it("a hundred lines are written at once, then one a second that says how many were left out", () => {
	const budget = new LineBudget(0);
	for (let i = 0; i < 100; i++) expect(budget.take(0)).toBe(0);
	expect(budget.take(0)).toBeUndefined();
	expect(budget.take(999)).toBeUndefined();
	expect(budget.take(1_000)).toBe(2);
	expect(budget.take(1_000)).toBeUndefined();
	for (let i = 0; i < 100; i++) expect(budget.take(500_000)).toBe(i === 0 ? 1 : 0);
	expect(budget.take(500_000)).toBeUndefined();
});
