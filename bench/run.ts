import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ENVOY_VERSIONS, findEnvoy } from "../test/lab/envoy-binary.js";
import { CASES, runBare, runFingerpost, type Sample } from "./fan-out.js";
import { type FileToEnvoy, fileToEnvoy } from "./file-to-envoy.js";
import { medianOf } from "./median.js";
import { printFanOut, printFileToEnvoy, printProviders } from "./print.js";
import { type ProviderDelay, providerDelays } from "./providers.js";
import type { Mode } from "./subscriber.js";

const HELP = `npm run bench -- [--json FILE] [--rounds N] [--only B|F|file|providers] [--profiles FOLDER]

  --json FILE        also writes all numbers to FILE
  --rounds N         runs of each server in each case, in turns; 3
  --only NAME        one part only: case B, case F, the file-to-Envoy benchmark, or the providers
  --profiles FOLDER  writes a CPU profile of each server (the numbers are not to be trusted then)
`;

const PARTS: readonly string[] = [...CASES.map(({ name }) => name), "file", "providers"];
/** Twice what a round takes on two busy cores. */
const LIMIT_MS = 90_000;

/** One case in one mode: the medians over the rounds. */
export interface FanOutResult {
	readonly name: string;
	readonly mode: Mode;
	readonly services: number;
	readonly streams: number;
	readonly wanted: number;
	/** How many streams a measured change reaches. */
	readonly receivers: number;
	readonly fingerpost: Sample;
	readonly bare: Sample;
	/** Of each round, so that the spread can be seen. */
	readonly samples: { readonly fingerpost: readonly Sample[]; readonly bare: readonly Sample[] };
}

export interface Results {
	readonly at: string;
	readonly node: string;
	readonly machine: {
		readonly cpu: string;
		readonly cores: number;
		readonly load: { readonly before: number; after: number };
	};
	readonly rounds: number;
	readonly fanOut: readonly FanOutResult[];
	readonly fileToEnvoy?: FileToEnvoy | { readonly missing: string };
	readonly providers?: readonly ProviderDelay[];
}

const { values } = parseArgs({
	options: {
		json: { type: "string" },
		rounds: { type: "string", default: "3" },
		only: { type: "string" },
		profiles: { type: "string" },
		help: { type: "boolean" },
	},
});
const rounds = Number(values.rounds);
if (values.help) process.stdout.write(HELP);
else if (!Number.isInteger(rounds) || rounds < 1 || (values.only && !PARTS.includes(values.only))) {
	process.stderr.write(HELP);
	process.exitCode = 2;
} else if (process.platform !== "linux") {
	process.stderr.write("The benchmark needs Linux: it reads the servers' CPU time and memory from /proc.\n");
	process.exitCode = 1;
} else {
	// By exit, which ends the servers too.
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
	// It may have to be fetched, which has a limit of its own.
	if (!values.only || values.only === "file") await findEnvoy(ENVOY_VERSIONS[0]);
	const limit = setTimeout(() => {
		process.stderr.write("The benchmark took too long and gives up.\n");
		process.exit(1);
	}, LIMIT_MS * rounds);
	await main(rounds);
	clearTimeout(limit);
}

async function main(rounds: number): Promise<void> {
	const load = { before: loadavg()[0] as number, after: 0 };
	const fanOut: FanOutResult[] = [];
	for (const what of CASES) {
		if (values.only && values.only !== what.name) continue;
		for (const mode of ["sotw", "delta"] as const) {
			const samples: { fingerpost: Sample[]; bare: Sample[] } = { fingerpost: [], bare: [] };
			let receivers = 0;
			for (let round = 0; round < rounds; round++) {
				process.stderr.write(`case ${what.name}, ${mode}, round ${round + 1} of ${rounds}\n`);
				const folder = values.profiles && join(values.profiles, `${what.name}-${mode}-${round + 1}`);
				const run = await runFingerpost(what, mode, folder && `${folder}-fingerpost`);
				receivers = run.receivers;
				samples.fingerpost.push(run.sample);
				samples.bare.push((await runBare(what, mode, run.recording, folder && `${folder}-bare`)).sample);
			}
			const { name, services, streams, wanted } = what;
			const medians = { fingerpost: medianOf(samples.fingerpost), bare: medianOf(samples.bare) };
			const result = { name, mode, services, streams, wanted, receivers, ...medians, samples };
			printFanOut(result);
			fanOut.push(result);
		}
	}
	let toEnvoy: Results["fileToEnvoy"];
	if (!values.only || values.only === "file") {
		process.stderr.write("file to Envoy\n");
		toEnvoy = await fileToEnvoy(values.profiles && join(values.profiles, "file"));
		printFileToEnvoy(toEnvoy);
	}
	let providers: Results["providers"];
	if (!values.only || values.only === "providers") {
		process.stderr.write("providers\n");
		providers = await providerDelays();
		printProviders(providers);
	}
	load.after = loadavg()[0] as number;
	const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), load };
	process.stdout.write(
		`${machine.cpu}, ${machine.cores} cores, load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after; Node ${process.version}\n`,
	);
	if (values.json === undefined) return;
	const at = new Date().toISOString();
	const results: Results = { at, node: process.version, machine, rounds, fanOut, fileToEnvoy: toEnvoy, providers };
	await writeFile(values.json, `${JSON.stringify(results, undefined, "\t")}\n`);
}
