import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Takeover } from "../../../src/app/services/takeover.js";
import type { FingerpostError } from "../../../src/util/errors.js";

/** Steps of a millisecond each. */
function* slow(count: number, done: () => void) {
	for (let i = 0; i < count; i++) {
		const end = performance.now() + 1;
		while (performance.now() < end);
		yield undefined;
	}
	done();
}

function takeover(cost: (state: string) => number, fail: (state: string) => boolean = () => false) {
	const done: string[] = [];
	const failed: string[] = [];
	const owner = new AbortController();
	const steps = (state: string) =>
		slow(cost(state), () => {
			if (fail(state)) throw new Error(`${state} cannot be`);
			done.push(state);
		});
	const taking = new Takeover(steps, (error: FingerpostError) => failed.push(error.message), owner.signal);
	return { taking, done, failed, owner };
}

async function until(what: () => boolean): Promise<void> {
	while (!what()) await turn();
}

it("is done at once where it is short", () => {
	const { taking, done } = takeover(() => 2);
	taking.take("a");
	expect(done).toEqual(["a"]);
});

it("goes on in slices where it is long, and then takes the newest of those that came meanwhile", async () => {
	const { taking, done } = takeover((state) => (state === "a" ? 60 : 1));
	taking.take("a");
	for (const state of ["b", "c", "d"]) taking.take(state);
	expect(done).toEqual([]);
	await until(() => done.length > 1);
	expect(done).toEqual(["a", "d"]);
});

it("tells a failure, at once by throwing, and takes what comes after it", async () => {
	const { taking, done, failed } = takeover(
		(state) => (state === "late" ? 60 : 1),
		(state) => state !== "good",
	);
	expect(() => taking.take("early")).toThrow("early cannot be");
	taking.take("late");
	taking.take("next");
	await until(() => failed.length === 2);
	expect(failed).toEqual(["late cannot be", "next cannot be"]);
	taking.take("good");
	expect(done).toEqual(["good"]);
});

it("does nothing more once it was ended", async () => {
	const { taking, done, failed, owner } = takeover((state) => (state === "a" ? 60 : 1));
	taking.take("a");
	taking.take("b");
	owner.abort();
	for (let i = 0; i < 100; i++) await turn();
	expect([done, failed]).toEqual([[], []]);
});
