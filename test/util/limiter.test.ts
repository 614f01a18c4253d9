import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Limiter } from "../../src/util/limiter.js";

const never = new AbortController().signal;

/** A task that runs until it is released. */
function task() {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	let started = false;
	return {
		run: () => {
			started = true;
			return promise;
		},
		release: () => resolve("done"),
		fail: () => reject(new Error("failed")),
		get started() {
			return started;
		},
	};
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a limiter", () => {
	it("lets so many run, and the others in their order as places become free", async () => {
		const limiter = new Limiter(2);
		const tasks = [task(), task(), task(), task()] as const;
		const runs = tasks.map(({ run }) => limiter.run(run, never));
		const started = () => tasks.map((each) => each.started);
		await settled();
		expect(started()).toEqual([true, true, false, false]);
		tasks[1].fail();
		await expect(runs[1]).rejects.toThrow("failed");
		await settled();
		expect(started()).toEqual([true, true, true, false]);
		tasks[0].release();
		await expect(runs[0]).resolves.toBe("done");
		await settled();
		expect(started()).toEqual([true, true, true, true]);
		tasks[2].release();
		tasks[3].release();
		await Promise.all([runs[2], runs[3]]);
		const later = [task(), task(), task()] as const;
		const rest = later.map(({ run }) => limiter.run(run, never));
		await settled();
		expect(later.map((each) => each.started)).toEqual([true, true, false]);
		for (const each of later) each.release();
		await Promise.all(rest);
	});

	it("forgets who gives up waiting, also where the turn comes at the same moment", async () => {
		const limiter = new Limiter(1);
		const [first, second, third] = [task(), task(), task()];
		const running = limiter.run(first.run, never);
		const controller = new AbortController();
		const given = limiter.run(second.run, controller.signal);
		const waiting = limiter.run(third.run, never);
		const gone = expect(given).rejects.toThrow("aborted");
		controller.abort();
		first.release();
		await Promise.all([gone, running]);
		await settled();
		expect([second.started, third.started]).toEqual([false, true]);
		third.release();
		await expect(waiting).resolves.toBe("done");
		await expect(limiter.run(first.run, AbortSignal.abort())).rejects.toThrow("aborted");
		await expect(limiter.run(async () => "free", never)).resolves.toBe("free");
	});

	it("has one listener for all who wait with a signal, none for nobody, and ends all of them", async () => {
		const limiter = new Limiter(1);
		const controller = new AbortController();
		const { signal } = controller;
		const listeners = () => getEventListeners(signal, "abort").length;
		const first = task();
		const running = limiter.run(first.run, never);
		for (const round of [1, 2]) {
			const waiting = [task(), task()] as const;
			const runs = waiting.map(({ run }) => limiter.run(run, signal));
			expect([round, listeners()]).toEqual([round, 1]);
			if (round === 1) {
				for (const each of [first, ...waiting]) each.release();
				await Promise.all([running, ...runs]);
			} else {
				const gone = Promise.allSettled(runs);
				controller.abort(new Error("over"));
				waiting[0].release();
				expect((await gone).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
			}
			expect(listeners()).toBe(0);
		}
	});
});
