import { BACKENDS } from "./back-ends.js";
import { judge } from "./judge.js";
import { Mesh, RATE } from "./mesh.js";
import { FIRST, STEPS, type Step } from "./steps.js";
import { COUNTED, measure } from "./traffic.js";

const HEADERS = ["STEP", "ACKED AFTER", "ENVOY SOTW", "ENVOY DELTA", "GRPC-JS", "FAILED"] as const;
const WIDTHS = [Math.max(...STEPS.map(({ title }) => title.length)), 11, 11, 11, 11] as const;

export interface DemoOptions {
	/** The path of the Envoy. */
	readonly envoy: string;
	readonly print: (line: string) => void;
	/** Ends it early: all that it started is ended, and it throws the signal's reason. */
	readonly signal: AbortSignal;
}

/**
 * Plays the steps and prints a line for each, as they come.
 * @returns what went wrong, in words; empty if nothing did
 * @throws when a part of the mesh cannot be started, or the signal fires
 */
export async function demo({ envoy, print, signal }: DemoOptions): Promise<string[]> {
	print(`Fingerpost, two Envoys and a grpc-js client, each with ${RATE} requests/s to the back ends a, b and c.`);
	print(`Each step shows how the next ${COUNTED} requests of each client were divided: a/b/c.\n`);
	await using mesh = await Mesh.start(envoy, FIRST, signal);
	print(row(HEADERS));
	const problems: string[] = [];
	let failedBefore = 0;
	for (const step of STEPS) {
		try {
			const { cells, wrong } = await play(step, mesh, signal);
			problems.push(...wrong);
			const failed = await failures(mesh);
			print(row([...cells, String(failed - failedBefore)]));
			failedBefore = failed;
		} catch (reason) {
			signal.throwIfAborted();
			// What follows would tell of this again; but whether requests failed is still to be said.
			problems.push(`${step.title}: ${reason instanceof Error ? reason.message : String(reason)}`);
			break;
		}
	}
	const { requests, wrong } = await finish(mesh);
	problems.push(...wrong);
	if (problems.length === 0) print(`\nNone of ${requests} requests failed, and all went where the config said.`);
	return problems;
}

interface Played {
	/** Of the table's row. */
	readonly cells: readonly string[];
	readonly wrong: readonly string[];
}

async function play(step: Step, mesh: Mesh, signal: AbortSignal): Promise<Played> {
	const took = await step.act(mesh);
	const counted = await Promise.all(mesh.traffics.map((traffic) => measure(traffic, step.shares, signal)));
	const wrong = counted.flatMap((counts, i) => {
		const problem = judge(counts, step.shares);
		return problem ? [`${step.title}: ${mesh.traffics[i]?.title}: ${problem}`] : [];
	});
	const divisions = counted.map((counts) => BACKENDS.map((name) => counts[name]).join("/"));
	return { cells: [step.title, took === undefined ? "-" : `${took.toFixed(0)}ms`, ...divisions], wrong };
}

/** Stops the traffic; any failed request and any rejection is a problem. */
async function finish(mesh: Mesh): Promise<{ readonly requests: number; readonly wrong: readonly string[] }> {
	const wrong: string[] = [];
	let requests = 0;
	for (const { title, stop } of mesh.traffics) {
		try {
			const { ok, failed, failures } = await stop();
			requests += ok + failed;
			if (failed > 0) wrong.push(`${title}: ${failed} requests failed: ${failures.slice(0, 3).join("; ")}`);
		} catch (reason) {
			wrong.push(`${title}: ${String(reason)}`);
		}
	}
	try {
		wrong.push(...(await mesh.rejections()).map((error) => `a client rejected what it was sent: ${error}`));
	} catch (reason) {
		wrong.push(`Fingerpost does not tell what clients rejected: ${String(reason)}`);
	}
	return { requests, wrong };
}

async function failures(mesh: Mesh): Promise<number> {
	const results = await Promise.all(mesh.traffics.map((traffic) => traffic.read()));
	return results.reduce((sum, { failed }) => sum + failed, 0);
}

function row(cells: readonly string[]): string {
	return cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join("   ");
}
