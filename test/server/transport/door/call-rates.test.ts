import { expect, it } from "vitest";
import { CallRates } from "../../../../src/server/transport/door/call-rates.js";

it("an address may make some thousand calls at once, and some hundred a second for ever", () => {
	const rates = new CallRates();
	const calls = (address: string, count: number, now: number) =>
		Array.from({ length: count }, () => rates.isTooMuch(address, now)).filter(Boolean).length;
	expect([calls("a", 4_000, 0), calls("a", 1, 0), calls("b", 4_000, 0)]).toEqual([0, 1, 0]);
	for (let second = 1; second < 100; second++) expect(calls("b", 400, second * 1_000)).toBe(0);
	expect(calls("b", 800, 100_000)).toBe(400);
});

it("an address is forgotten once it could make as many calls as any other, and not before", () => {
	const rates = new CallRates();
	for (let i = 0; i < 4_000; i++) rates.isTooMuch("a", 0);
	rates.forget(5_000);
	for (let i = 0; i < 2_000; i++) rates.isTooMuch("a", 5_000);
	expect(rates.isTooMuch("a", 5_000)).toBe(true);
	rates.forget(60_000);
	expect(rates.isTooMuch("a", 60_000)).toBe(false);
});
