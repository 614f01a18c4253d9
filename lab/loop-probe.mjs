// Loaded into the server with `--import`: notes each time at which its event loop was held, in FINGERPOST_LOOP_PROBE.
// Measured is what the thread computed between two ticks of a timer, so a busy machine changes nothing.
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/** Milliseconds between two ticks; what holds the loop for longer shows. */
const TICK_MS = 5;
const WORTH_NOTING_MS = 20;
const path = process.env.FINGERPOST_LOOP_PROBE;

if (isMainThread && path) {
	let last = process.threadCpuUsage();
	setInterval(() => {
		const { user, system } = process.threadCpuUsage(last);
		last = process.threadCpuUsage();
		const computed = (user + system) / 1_000;
		if (computed > WORTH_NOTING_MS) appendFileSync(path, `${Date.now()} ${computed.toFixed(1)}\n`);
	}, TICK_MS).unref();
}
