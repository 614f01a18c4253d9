import { expect, it } from "vitest";
import { LineBudget } from "../../../src/util/lines/line-budget.js";
import { PeerBudgets } from "../../../src/util/lines/peer-budgets.js";

const KB = 1_024;

it("32 kB are written at once, then 1 kB a second, and the next line says how many were left out", () => {
	const budget = new LineBudget(0);
	for (let i = 0; i < 32; i++) expect(budget.take(KB, 0)).toBe(0);
	expect(budget.take(KB, 0)).toBeUndefined();
	expect(budget.take(KB, 999)).toBeUndefined();
	expect(budget.skipped).toBe(2);
	expect(budget.take(1_000, 1_000)).toBe(2);
	expect(budget.take(1, 1_000)).toBeUndefined();
	for (let i = 0; i < 32; i++) expect(budget.take(KB, 500_000)).toBe(i === 0 ? 1 : 0);
	expect(budget.take(KB, 500_000)).toBeUndefined();
});

it("a peer takes nothing from another one", () => {
	const budgets = new PeerBudgets();
	for (let i = 0; i < 100; i++) budgets.take("noisy", KB, 0);
	expect(budgets.take("noisy", KB, 0)).toBeUndefined();
	expect(budgets.take("quiet", KB, 0)).toBe(0);
});

it("what was left out of a peer is told once, also when it causes no more", () => {
	const budgets = new PeerBudgets();
	for (let i = 0; i < 40; i++) budgets.take("noisy", KB, 0);
	budgets.take("quiet", KB, 0);
	expect([...budgets.untold(KB, 10_000)]).toEqual([{ peer: "noisy", lines: 8 }]);
	expect(budgets.hasUntold).toBe(false);
	expect([...budgets.untold(KB, 10_000)]).toEqual([]);
});

it("many peers together have one budget beyond those that are remembered, until some of these were quiet", () => {
	const budgets = new PeerBudgets();
	let written = 0;
	for (let peer = 0; peer < 10_000; peer++) {
		for (let line = 0; line < 2; line++)
			if (budgets.take(`10.0.${peer >> 8}.${peer & 255}`, 16 * KB, 0) !== undefined) written++;
	}
	expect(written).toBe(1_024 * 2 + 2);
	expect(budgets.take("late", KB, 33_000)).toBe(0);
	for (let i = 0; i < 31; i++) expect(budgets.take("late", KB, 33_000)).toBe(0);
	expect(budgets.take("late", KB, 33_000)).toBeUndefined();
});
