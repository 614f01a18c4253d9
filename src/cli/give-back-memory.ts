import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryToUse } from "../util/memory-to-use.js";

const GIB = 1024 * 1024 * 1024;
/** Above that, a collection could hold the loop for long, and nobody is short of memory. */
const MOST_TO_USE = GIB;
/** Part of what may be used, below which nothing is done. */
const MUCH = 0.4;
/** What was in use after the last collection has to grow by that before the next. */
const GROWTH = 1.25;
/** Part of the time that the event loop may be at work. */
const IDLE = 0.5;
const LOOK_MS = 5_000;

/** How memory is seen and given back. */
export interface Memory {
	/** Bytes that the process may use. */
	readonly toUse: number;
	/** Bytes that it uses. */
	used(): number;
	/** The part of the time since the last call in which the event loop was at work. */
	utilization(): number;
	giveBack(): void;
}

/**
 * After a flood V8 keeps what it needed, until somebody needs it again: in a small container that may be half of it. Once
 * nothing happens, that is given back to the system, in some 50 ms. A heap that is really needed is looked through once.
 */
export function giveBackMemory(signal: AbortSignal, memory: Memory = processMemory()): void {
	if (memory.toUse > MOST_TO_USE) return;
	let floor = MUCH * memory.toUse;
	const timer = setInterval(() => {
		const isIdle = memory.utilization() < IDLE;
		if (!isIdle || memory.used() < floor) return;
		memory.giveBack();
		floor = Math.max(MUCH * memory.toUse, GROWTH * memory.used());
	}, LOOK_MS).unref();
	signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

function processMemory(): Memory {
	let last = performance.eventLoopUtilization();
	return {
		toUse: memoryToUse(),
		used: () => process.memoryUsage.rss(),
		utilization() {
			const { utilization } = performance.eventLoopUtilization(last);
			last = performance.eventLoopUtilization();
			return utilization;
		},
		giveBack: () => collect(),
	};
}

type Collect = (options: { type: "major"; flavor: "last-resort" }) => void;

/** The collection that V8 does before it gives up: only that lets go of the pages that it keeps for later. */
function collect(): void {
	setFlagsFromString("--expose-gc");
	const gc = runInNewContext("gc") as Collect;
	setFlagsFromString("--no-expose-gc");
	gc({ type: "major", flavor: "last-resort" });
}
