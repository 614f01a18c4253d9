import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FanOut, type Worker } from "../../../src/server/transport/fan-out.js";

afterEach(() => void vi.useRealTimers());

function workers(fanOut: FanOut, count: number, log: number[], work: (i: number) => void = () => {}) {
	return Array.from({ length: count }, (_, i) => ({
		work() {
			log.push(i);
			work(i);
		},
		schedule() {
			fanOut.schedule(this);
		},
	}));
}

describe("fan-out", () => {
	it("lets each work once a turn, in the order in which they became due", async () => {
		const fanOut = new FanOut();
		const log: number[] = [];
		const [a, b, c] = workers(fanOut, 3, log);
		for (const worker of [c, a, c, b, a]) worker?.schedule();
		expect(log).toEqual([]);
		await turn();
		expect(log).toEqual([2, 0, 1]);
		await turn();
		expect(log).toHaveLength(3);
		a?.schedule();
		await turn();
		expect(log).toEqual([2, 0, 1, 0]);
	});

	it("holds back those for whom nobody waits, until it is told not to", async () => {
		const fanOut = new FanOut();
		const log: number[] = [];
		const [a, b, c] = workers(fanOut, 3, log);
		fanOut.hold(true);
		a?.schedule();
		c?.schedule();
		if (b) fanOut.schedule(b, true);
		if (c) fanOut.cancel(c);
		for (let i = 0; i < 3; i++) await turn();
		expect(log).toEqual([1]);
		expect(fanOut.busy).toBe(true);
		fanOut.hold(false);
		await turn();
		expect(log).toEqual([1, 0]);
		expect(fanOut.busy).toBe(false);
	});

	it("puts who becomes due while working behind the others", async () => {
		const fanOut = new FanOut();
		const log: number[] = [];
		let again = 2;
		const list = workers(fanOut, 2, log, (i) => {
			if (i === 0 && again-- > 0) list[0]?.schedule();
		});
		for (const worker of list) worker.schedule();
		await turn();
		expect(log).toEqual([0, 1, 0, 0]);
	});

	it("does not let those work that went away", async () => {
		const fanOut = new FanOut();
		const log: number[] = [];
		const list = workers(fanOut, 2, log);
		for (const worker of list) worker.schedule();
		fanOut.cancel(list[0] as (typeof list)[0]);
		await turn();
		expect(log).toEqual([1]);
	});

	it("yields when a turn took too long, and goes on in the next one", () => {
		vi.useFakeTimers({ toFake: ["setImmediate"] });
		let now = 0;
		using _ = vi.spyOn(performance, "now").mockImplementation(() => now);
		const fanOut = new FanOut();
		const log: number[] = [];
		for (const worker of workers(fanOut, 5, log, () => now++)) worker.schedule();
		vi.advanceTimersToNextTimer();
		expect(log).toEqual([0, 1, 2]);
		vi.advanceTimersToNextTimer();
		expect(log).toEqual([0, 1, 2, 3, 4]);
	});

	it("yields after a few, however quick they are: what they wrote has to leave, and others have to be heard", () => {
		vi.useFakeTimers({ toFake: ["setImmediate", "performance"] });
		const fanOut = new FanOut();
		const log: number[] = [];
		for (const worker of workers(fanOut, 100, log)) worker.schedule();
		vi.advanceTimersToNextTimer();
		expect(log).toHaveLength(32);
		expect(fanOut.busy).toBe(true);
		for (let i = 0; i < 3; i++) vi.advanceTimersToNextTimer();
		expect(log).toEqual(Array.from({ length: 100 }, (_, i) => i));
		expect(fanOut.busy).toBe(false);
	});

	it("goes on with the others when one throws", () => {
		vi.useFakeTimers({ toFake: ["setImmediate"] });
		const fanOut = new FanOut();
		const log: number[] = [];
		const list = workers(fanOut, 3, log, (i) => {
			if (i === 0) throw new Error("broken");
		});
		for (const worker of list) worker.schedule();
		expect(() => vi.advanceTimersToNextTimer()).toThrow("broken");
		vi.advanceTimersToNextTimer();
		expect(log).toEqual([0, 1, 2]);
		list[1]?.schedule();
		vi.advanceTimersToNextTimer();
		expect(log).toEqual([0, 1, 2, 1]);
	});

	it("knows who is not settled: who became due and was neither settled nor cancelled since", () => {
		const fanOut = new FanOut();
		const [a, b, c] = [0, 1, 2].map(() => ({ work: () => {} })) as [Worker, Worker, Worker];
		for (const worker of [a, b, c]) fanOut.schedule(worker);
		fanOut.settled(b);
		fanOut.cancel(c);
		expect([...fanOut.unsettled]).toEqual([a]);
		fanOut.schedule(b, true);
		expect([...fanOut.unsettled]).toEqual([a, b]);
		for (const worker of [a, b]) fanOut.cancel(worker);
	});

	it("tells when the last one is settled, once", () => {
		const fanOut = new FanOut();
		const [a, b] = workers(fanOut, 2, []);
		const settled = vi.fn();
		fanOut.onSettled = settled;
		for (const worker of [a, b]) if (worker) fanOut.schedule(worker);
		if (a) fanOut.settled(a);
		expect(settled).not.toHaveBeenCalled();
		for (const worker of [b, b]) if (worker) fanOut.settled(worker);
		expect(settled).toHaveBeenCalledOnce();
	});
});
