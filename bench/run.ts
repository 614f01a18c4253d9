import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { ENVOY_VERSIONS, findEnvoy } from "../lab/envoy-binary.js";
import { goProgram } from "../lab/go-program.js";
import { configChanges } from "./config-change.js";
import { BOTH, CASES, type FanOutCase, runServer, type Sample } from "./fan-out.js";
import { fileToEnvoy } from "./file-to-envoy.js";
import { kubernetesSize } from "./kubernetes-size.js";
import { medianOf } from "./median.js";
import { HELP, options, understood } from "./options.js";
import {
	printConfigChanges,
	printFanOut,
	printFileToEnvoy,
	printKubernetesSize,
	printProviders,
	printRegistrySizes,
	printScale,
	printScenario,
	printSummary,
} from "./print.js";
import { providerDelays } from "./providers.js";
import { registrySizes } from "./registry-size.js";
import type { FanOutResult, Results } from "./results.js";
import { runScenario, type ScenarioResult } from "./run-scenario.js";
import { plotScale } from "./scale/plot-scale.js";
import { scale } from "./scale/scale.js";
import { SCENARIOS } from "./scenarios/index.js";
import { SERVERS, type ServerName, TITLES } from "./servers.js";
import { printStateCost, stateCost } from "./state-cost.js";
import type { Mode } from "./subscriber.js";
import { printTlsCost, tlsCost } from "./tls-cost.js";
import { printZoneCosts, zoneCosts } from "./zones.js";

/** What needs a program of bench/peers, and what is only run if all are. */
const IN_GO: readonly ServerName[] = ["linear", "snapshot"];
const FULL_ONLY: readonly ServerName[] = ["http2"];
/** Several times what it takes on two busy cores. */
const LIMIT_MS = 120_000;
const FULL_LIMIT_MS = 20 * 60_000;

/** Of each scenario with `--full`: their figures are of many deliveries anyway. */
const SCENARIO_ROUNDS = 2;

const { full, only, profiles, rounds, seconds, named } = options;
if (options.help) process.stdout.write(HELP);
else if (!understood) {
	process.stderr.write(HELP);
	process.exitCode = 2;
} else if (process.platform !== "linux") {
	process.stderr.write("The benchmark needs Linux: it reads the servers' CPU time and memory from /proc.\n");
	process.exitCode = 1;
} else {
	// By exit, which ends the servers too.
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
	// These may have to be fetched and built, which has a limit of its own.
	if (runs("file")) await findEnvoy(ENVOY_VERSIONS[0]);
	const peers = await goProgram("peers");
	if ("missing" in peers) {
		process.stderr.write(`Without the peers in Go, and with a load generator in Node: ${peers.missing}\n`);
	}
	const limit = setTimeout(
		() => {
			process.stderr.write("The benchmark took too long and gives up.\n");
			process.exit(1);
		},
		(full || only ? FULL_LIMIT_MS + seconds * 2_000 : LIMIT_MS) * rounds,
	);
	await main("path" in peers ? peers.path : undefined);
	clearTimeout(limit);
}

/** Whether this part is to be run. */
function runs(part: string): boolean {
	return !only || only === part;
}

function modesOf({ name, full: inFull, short }: FanOutCase): readonly Mode[] {
	if (only) return only === name ? BOTH : [];
	return full ? inFull : short;
}

/** Fingerpost first: the others send what it sent. */
function serversFor(peers: string | undefined): readonly ServerName[] {
	return SERVERS.filter((name) => {
		if (name === "fingerpost") return true;
		if (peers === undefined && IN_GO.includes(name)) return false;
		return named.length > 0 ? named.includes(name) : full || !FULL_ONLY.includes(name);
	});
}

async function main(peers: string | undefined): Promise<void> {
	const load = { before: loadavg()[0] as number, after: 0 };
	const fanOut = await allCases(peers);
	if (fanOut.length > 0) printSummary(fanOut);
	const results: { -readonly [K in keyof Results]?: Results[K] } = {};
	if (peers) results.scenarios = await allScenarios(peers);
	if (runs("config")) {
		process.stderr.write("config\n");
		results.configChanges = await configChanges(peers, profiles && join(profiles, "config"));
		printConfigChanges(results.configChanges);
	}
	if (runs("file")) {
		process.stderr.write("file to Envoy\n");
		results.fileToEnvoy = await fileToEnvoy(profiles && join(profiles, "file"));
		printFileToEnvoy(results.fileToEnvoy);
	}
	if (runs("providers")) {
		process.stderr.write("providers\n");
		results.providers = await providerDelays();
		printProviders(results.providers);
	}
	if (peers && (full || only) && runs("kubernetes-size")) {
		process.stderr.write("Kubernetes at size\n");
		results.kubernetesSize = await kubernetesSize(peers, profiles && join(profiles, "kubernetes-size"));
		printKubernetesSize(results.kubernetesSize);
	}
	if (peers && only === "registry-size") {
		process.stderr.write("whole registries at size\n");
		results.registrySizes = await registrySizes(peers, profiles && join(profiles, "registry-size"));
		printRegistrySizes(results.registrySizes);
	}
	if (only === "tls") {
		process.stderr.write("TLS beside clear\n");
		results.tls = await tlsCost(peers, rounds);
		printTlsCost(results.tls);
	}
	if (only === "zones") {
		process.stderr.write("three zones beside none\n");
		results.zones = await zoneCosts(rounds);
		printZoneCosts(results.zones);
	}
	if (peers && only === "state") {
		process.stderr.write("state on disk\n");
		results.state = await stateCost(peers, rounds, profiles && join(profiles, "state"));
		printStateCost(results.state);
	}
	if (peers && only === "scale") {
		process.stderr.write("scale\n");
		results.scale = await scale(peers, seconds, profiles && join(profiles, "scale"));
		printScale(results.scale);
		if (options.plot !== undefined) await writeFile(options.plot, plotScale(results.scale));
	}
	load.after = loadavg()[0] as number;
	const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), load };
	process.stdout.write(
		`${machine.cpu}, ${machine.cores} cores, load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after; Node ${process.version}\n`,
	);
	if (options.json === undefined) return;
	const at = new Date().toISOString();
	const all: Results = { at, node: process.version, machine, rounds, fanOut, ...results };
	await writeFile(options.json, `${JSON.stringify(all, undefined, "\t")}\n`);
}

async function allCases(peers: string | undefined): Promise<FanOutResult[]> {
	const folder = await mkdtemp(join(tmpdir(), "fingerpost-bench-"));
	const results: FanOutResult[] = [];
	try {
		for (const what of CASES) {
			for (const mode of modesOf(what)) {
				const result = await oneCase(what, mode, join(folder, `${what.name}-${mode}.json`), peers);
				printFanOut(result);
				results.push(result);
			}
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	return results;
}

/** Once each in the short benchmark. */
async function allScenarios(peers: string): Promise<ScenarioResult[]> {
	const folder = await mkdtemp(join(tmpdir(), "fingerpost-bench-"));
	const results: ScenarioResult[] = [];
	const short = !full && !only;
	try {
		for (const scenario of SCENARIOS.filter(({ name }) => runs(name))) {
			const { name } = scenario;
			const servers = (short ? scenario.short : scenario.full).filter(
				(server) => server === "fingerpost" || named.length === 0 || named.includes(server),
			);
			if (servers.length === 0) continue;
			const times = short ? 1 : only ? rounds : Math.min(rounds, SCENARIO_ROUNDS);
			const result = await runScenario(scenario, servers, times, {
				recording: join(folder, `${name}.json`),
				peers,
				profiles: profiles && join(profiles, name),
				short,
				stuckSeconds: seconds,
			});
			printScenario(result);
			results.push(result);
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	return results;
}

async function oneCase(what: FanOutCase, mode: Mode, recording: string, peers: string | undefined) {
	const samples: Partial<Record<ServerName, Sample[]>> = {};
	for (let round = 0; round < rounds; round++) {
		for (const server of serversFor(peers)) {
			process.stderr.write(`case ${what.name}, ${mode}, round ${round + 1} of ${rounds}, ${TITLES[server]}\n`);
			const reconnects = full && what.name === "B" && mode === "delta";
			const folder = profiles && join(profiles, `${what.name}-${mode}-${round + 1}-${server}`);
			const sample = await runServer(server, { what, mode, recording, peers, reconnects, profiles: folder });
			samples[server] = [...(samples[server] ?? []), sample];
		}
	}
	const medians = Object.fromEntries(Object.entries(samples).map(([server, list]) => [server, medianOf(list)]));
	const { name, services, endpoints, streams, wanted } = what;
	const receivers = (streams * wanted) / services;
	return { name, mode, services, endpoints, streams, wanted, receivers, medians, samples };
}
