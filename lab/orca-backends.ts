import { join } from "node:path";
import { expect } from "vitest";
import { Child } from "./child.js";
import { waitUntil } from "./wait-until.js";

const EXAMPLE = join(import.meta.dirname, "../examples/orca/backend.mjs");
/** Requests a second that each bears. */
const CAPACITIES = { a: 50, b: 50, c: 200 } as const;
/** By when the weights of the reports are to be in use. */
const SETTLED_MS = 30_000;
const WINDOW_MS = 10_000;

type Counts = Readonly<Record<string, number>>;

/** The back ends of examples/orca, which report their load: one bears four times as much as each of the others. */
export class OrcaBackends implements AsyncDisposable {
	readonly #children: Child[] = [];
	/** Where they listen. */
	readonly addresses: string[] = [];

	/** @param reports by what way they are told: with each answer, or beside the calls alone. */
	static async start(protocol: "grpc" | "http1", reports: "calls" | "out-of-band"): Promise<OrcaBackends> {
		const backends = new OrcaBackends();
		try {
			for (const [name, capacity] of Object.entries(CAPACITIES)) {
				const args = ["--listen", "127.0.0.1:0", "--name", name, "--capacity", String(capacity)];
				const how = ["--protocol", protocol, "--reports", reports, "--method", "/lab.Echo/Who"];
				const child = new Child(process.execPath, [EXAMPLE, ...args, ...how]);
				backends.#children.push(child);
				const said = () => child.stdout.map((line) => /listens on (\S+)/.exec(line)?.[1]).find(Boolean);
				backends.addresses.push(await waitUntil(`the back end ${name} listens`, said));
			}
		} catch (reason) {
			await backends[Symbol.asyncDispose]();
			throw reason;
		}
		return backends;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.all(this.#children.map((child) => child.kill("SIGKILL")));
	}
}

/**
 * Half a minute after the load began no back end is used by more than 1.1 times the mean, over 10 s.
 * @param read the answers of each back end so far.
 */
export async function expectEvenUse(read: () => Promise<Counts> | Counts): Promise<void> {
	const counts = await settledCounts(read);
	const use = Object.entries(CAPACITIES).map(([name, capacity]) => (counts[name] ?? 0) / capacity);
	expect(mostOfMean(use), JSON.stringify(counts)).toBeLessThanOrEqual(1.1);
}

/** As expectEvenUse(), of a client that knows nothing of their load: each gets a third. */
export async function expectRoundRobin(read: () => Promise<Counts> | Counts): Promise<void> {
	const counts = await settledCounts(read);
	expect(mostOfMean(Object.values(counts)), JSON.stringify(counts)).toBeLessThanOrEqual(1.1);
}

/** The answers of each back end in the 10 s after the half minute. */
async function settledCounts(read: () => Promise<Counts> | Counts): Promise<Counts> {
	const started = performance.now();
	const reached = (ms: number) => waitUntil(`${ms} ms have passed`, () => performance.now() - started >= ms);
	await reached(SETTLED_MS);
	const before = namesOf(await read());
	await reached(SETTLED_MS + WINDOW_MS);
	const after = namesOf(await read());
	const counts = Object.keys(CAPACITIES).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)] as const);
	// Of a few it could be chance.
	expect(
		counts.reduce((sum, [, count]) => sum + count, 0),
		JSON.stringify(counts),
	).toBeGreaterThan(200);
	return Object.fromEntries(counts);
}

function mostOfMean(values: readonly number[]): number {
	const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
	return Math.max(...values) / mean;
}

/** By gRPC the answer is a StringValue, which clients of the lab show as it is: the name follows its tag and length. */
function namesOf(counts: Counts): Record<string, number> {
	return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name.slice(-1), count]));
}
