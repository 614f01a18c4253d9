import { vi } from "vitest";
import { PATIENCE } from "../../lab/patience.js";

/** Milliseconds between two moments at which sockets are served. */
const STEP = 100;

/** The clock stands still but for `advance`; sockets work on. Released at the end of the block. */
export function heldClock() {
	const { eventLoopUtilization } = performance;
	const begun = Math.ceil(performance.now());
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
	const { now } = performance;
	const zero = now.call(performance);
	// What was there before sees no time go back, and what is no clock stays.
	Object.assign(performance, { eventLoopUtilization, now: () => begun + now.call(performance) - zero });
	return {
		/** Lets so many milliseconds pass, in steps within which questions are sent and answered. */
		async advance(ms: number): Promise<void> {
			for (let left = ms; left > 0; left -= STEP) {
				await settled();
				await vi.advanceTimersByTimeAsync(Math.min(STEP, left));
			}
			await settled();
		},
		/** Waits, without time passing, until the probe is true. @throws Error after 60 s of real time */
		async until(what: string, probe: () => boolean): Promise<void> {
			const deadline = process.hrtime.bigint() + BigInt(PATIENCE) * 1_000_000n;
			while (!probe()) {
				if (process.hrtime.bigint() > deadline) throw new Error(`in vain until ${what}`);
				await turn();
			}
		},
		[Symbol.dispose]: () => {
			vi.useRealTimers();
		},
	};
}

/** A question, its answer over UDP, and again over TCP take some turns of the event loop. */
async function settled(): Promise<void> {
	for (let i = 0; i < 8; i++) await turn();
}

function turn(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
