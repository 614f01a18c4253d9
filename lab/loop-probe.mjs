// Loaded into the server with `--import`: notes each time at which its event loop was held, in FINGERPOST_LOOP_PROBE.
// Measured is what the thread computed between two ticks of a timer, in time of the usual
// machine, so neither a busy machine nor a slow one changes anything.
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { slowness } from "./machine-speed.mjs";

/** Milliseconds between two ticks; what holds the loop for longer shows. */
const TICK_MS = 5;
const WORTH_NOTING_MS = 20;
const path = process.env.FINGERPOST_LOOP_PROBE;

if (isMainThread && path) {
	let last = process.threadCpuUsage();
	setInterval(() => {
		const { user, system } = process.threadCpuUsage(last);
		const computed = (user + system) / 1_000;
		if (computed > WORTH_NOTING_MS) appendFileSync(path, `${Date.now()} ${(computed / slowness()).toFixed(1)}\n`);
		last = process.threadCpuUsage();
	}, TICK_MS).unref();
}
