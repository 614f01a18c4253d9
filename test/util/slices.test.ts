import fc from "fast-check";
import { expect, it } from "vitest";
import { inSlices, sortTexts, Turns } from "../../src/util/slices.js";

/** A clock that only work moves. */
class FakeClock {
	#now = 0;

	now(): number {
		return this.#now;
	}

	pass(ms: number): void {
		this.#now += ms;
	}
}

async function textOf(chunks: AsyncIterable<string>): Promise<string[]> {
	const texts: string[] = [];
	for await (const chunk of chunks) texts.push(chunk);
	return texts;
}

it("work holds the event loop for 5 ms at a time, however many do some", async () => {
	const clock = new FakeClock();
	const turns = new Turns();
	let turn = 0;
	let isOver = false;
	const count = () => {
		turn++;
		if (!isOver) setImmediate(count);
	};
	count();
	const worked = new Map<number, number>();
	function* work(): Iterable<string> {
		for (let i = 0; i < 100; i++) {
			clock.pass(1);
			worked.set(turn, (worked.get(turn) ?? 0) + 1);
			yield "x";
		}
	}
	const texts = await Promise.all([1, 2, 3].map(() => textOf(inSlices(work(), turns, clock))));
	isOver = true;
	expect(texts).toEqual(Array(3).fill(["x".repeat(100)]));
	expect(Math.max(...worked.values())).toBeLessThanOrEqual(5);
	expect([...worked.values()].reduce((a, b) => a + b)).toBe(300);
});

it("chunks are handed on while the rest is made, and nothing is made before they are taken", async () => {
	let made = 0;
	function* pieces(): Iterable<string> {
		for (; made < 1_000; made++) yield "x".repeat(1_024);
	}
	const chunks = inSlices(pieces(), new Turns());
	expect((await chunks.next()).value).toHaveLength(65_536);
	await new Promise((resolve) => setImmediate(resolve));
	expect(made).toBeLessThan(65);
	await chunks.return(undefined);
	expect(await textOf(inSlices([], new Turns()))).toEqual([""]);
});

it("texts are sorted as by code unit, in short steps", () => {
	fc.assert(
		fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
			expect(sorted(texts).result).toEqual([...texts].sort());
		}),
	);
	const many = Array.from({ length: 50_001 }, (_, i) => `n${(i * 7_919) % 50_001}`);
	const { result, steps } = sorted(many);
	expect(result).toEqual([...many].sort());
	expect(steps).toBeGreaterThan(100);
});

function sorted(texts: readonly string[]) {
	const sorting = sortTexts(texts);
	for (let steps = 0; ; steps++) {
		const { done, value } = sorting.next();
		if (done) return { result: value, steps };
	}
}
