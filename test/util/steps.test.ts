import { expect, it } from "vitest";
import { atOnce, atOnceIfShort, inSlices, type Steps } from "../../src/util/steps.js";

/** Steps of a millisecond each; tells when it is over, however. */
function* work(steps: number, over: () => void = () => {}): Steps<number> {
	try {
		for (let i = 0; i < steps; i++) {
			yield;
			const end = performance.now() + 1;
			while (performance.now() < end);
		}
		return steps;
	} finally {
		over();
	}
}

it("gives the result, at once and in slices", async () => {
	expect(atOnce(work(3))).toBe(3);
	expect(await inSlices(work(3))).toBe(3);
});

it("stops at once where work is not short, and the rest can be done in slices", async () => {
	function* all(count: number, done: () => void): Steps<void> {
		yield* work(count);
		done();
	}
	let isDone = false;
	const done = () => {
		isDone = true;
	};
	expect(atOnceIfShort(all(2, done))).toBe(true);
	expect(isDone).toBe(true);
	isDone = false;
	const long = all(500, done);
	expect(atOnceIfShort(long)).toBe(false);
	expect(isDone).toBe(false);
	await inSlices(long);
	expect(isDone).toBe(true);
});

it("lets the event loop go between slices", async () => {
	let turns = 0;
	const counting = setInterval(() => turns++);
	await inSlices(work(50));
	clearInterval(counting);
	expect(turns).toBeGreaterThan(1);
});

it("ends with the signal's reason, and the work with it", async () => {
	const owner = new AbortController();
	let over = false;
	const result = inSlices(
		work(1_000, () => {
			over = true;
		}),
		owner.signal,
	);
	owner.abort(new Error("enough"));
	await expect(result).rejects.toThrow("enough");
	expect(over).toBe(true);
});

it("passes on what a step throws", async () => {
	const failing = function* (): Steps<void> {
		yield;
		throw new Error("wrong");
	};
	await expect(inSlices(failing())).rejects.toThrow("wrong");
	expect(() => atOnce(failing())).toThrow("wrong");
});
