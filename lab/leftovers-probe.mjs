// Loaded into the server with `--import`: at each SIGUSR2 it collects what is garbage, and adds a line of what is left to
// FINGERPOST_LEFTOVERS_PROBE.
import { appendFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { queryObjects } from "node:v8";
import { isMainThread } from "node:worker_threads";

const path = process.env.FINGERPOST_LEFTOVERS_PROBE;

if (isMainThread && path) {
	// The native one: it has the keys.
	const SecureContext = createSecureContext().context.constructor;
	process.on("SIGUSR2", () => {
		// Counting collects first.
		const secureContexts = queryObjects(SecureContext, { format: "count" });
		const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
		const { heapUsed, external, rss } = process.memoryUsage();
		appendFileSync(path, `${JSON.stringify({ secureContexts, timers, heap: heapUsed + external, rss })}\n`);
	});
}
