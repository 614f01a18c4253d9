import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { giveBackMemory, type Memory } from "../../src/cli/give-back-memory.js";

const MIB = 1024 * 1024;
const LOOK_MS = 5_000;

describe("memory that V8 keeps after a flood", () => {
	let owner: AbortController;
	beforeEach(() => {
		vi.useFakeTimers();
		owner = new AbortController();
	});
	afterEach(() => {
		owner.abort();
		vi.useRealTimers();
	});

	/** A process of so many MiB, with what of them is needed. */
	function start(toUse = 512) {
		const process = { used: 100, needed: 100, busy: 0, given: 0 };
		const memory: Memory = {
			toUse: toUse * MIB,
			used: () => process.used * MIB,
			utilization: () => process.busy,
			giveBack() {
				process.given++;
				process.used = process.needed;
			},
		};
		giveBackMemory(owner.signal, memory);
		return process;
	}

	it("is given back once the process is idle, and only where it is much", () => {
		const process = start();
		process.used = 200;
		vi.advanceTimersByTime(10 * LOOK_MS);
		expect(process.given).toBe(0);
		process.used = 300;
		process.busy = 0.9;
		vi.advanceTimersByTime(10 * LOOK_MS);
		expect(process.given).toBe(0);
		process.busy = 0.1;
		vi.advanceTimersByTime(10 * LOOK_MS);
		expect(process).toMatchObject({ given: 1, used: 100 });
		process.used = 300;
		vi.advanceTimersByTime(LOOK_MS);
		expect(process.given).toBe(2);
	});

	it("is looked for once where all of it is needed, and again when there is a fourth more", () => {
		const process = start();
		Object.assign(process, { used: 300, needed: 300 });
		vi.advanceTimersByTime(20 * LOOK_MS);
		expect(process.given).toBe(1);
		process.used = 370;
		vi.advanceTimersByTime(20 * LOOK_MS);
		expect(process.given).toBe(1);
		process.used = 380;
		vi.advanceTimersByTime(20 * LOOK_MS);
		expect(process.given).toBe(2);
	});

	it("is not looked for where there is plenty, nor after the end", () => {
		const large = start(16 * 1024);
		large.used = 10_000;
		vi.advanceTimersByTime(10 * LOOK_MS);
		expect(large.given).toBe(0);
		const ended = start();
		ended.used = 400;
		owner.abort();
		vi.advanceTimersByTime(10 * LOOK_MS);
		expect(ended.given).toBe(0);
	});
});
