import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeEtcd } from "../lab/fake-etcd.js";
import { keptServices } from "../lab/kept-services.js";
import { waitUntil } from "../lab/wait-until.js";
import { FingerpostProcess } from "./fingerpost-process.js";
import { GoCrowd } from "./go-crowd.js";
import { median } from "./median.js";
import { cpuMicros, IDLE_MICROS, mostRssKiB, settledCpuMicros } from "./process-cost.js";
import { serviceEndpoints, serviceName } from "./services.js";

const SERVICES = Number(process.env.BENCH_STATE_SERVICES ?? 5_000);
const CHANGES = { warmUp: 40, measured: 100 };
/** What changes is written a tenth of a second later: after so long it has begun. */
const WRITING_MS = 200;
/** For 5,000 services on a busy machine. */
const LIMIT_MS = 300_000;

/** What `state.directory` costs, and what it gives. */
export interface StateCost {
	readonly services: number;
	/** CPU of the process for one change with one client: without state, with it, and the median difference. */
	readonly withoutMs: number;
	readonly withMs: number;
	readonly moreMs: number;
	/** What is on disk. */
	readonly fileBytes: number;
	/** From the start of the process to the ready line, without services at all. */
	readonly emptyReadyMs: number;
	/** The same with all services on disk, while their source is away. */
	readonly readyMs: number;
	/** And until a client has all of them. */
	readonly servedMs: number;
	readonly cpuMs: number;
	readonly mostMb: number;
}

/** Services of a whole registry that a stand-in for etcd has: each change costs little but what is measured. */
export async function stateCost(peers: string, rounds: number, profiles?: string): Promise<StateCost> {
	const state = await mkdtemp(join(tmpdir(), "fingerpost-bench-state-"));
	try {
		const { versions, config, ...changes } = await changeCosts(peers, state, profiles && join(profiles, "changes"));
		const starts: Start[] = [];
		const empty: number[] = [];
		for (let i = 0; i < rounds; i++) {
			empty.push(await emptyReady());
			// The source is away: nothing listens there.
			starts.push(await restored(peers, config, versions, i === 0 && profiles ? join(profiles, "start") : undefined));
		}
		const of = (key: keyof Start) => median(starts.map((each) => each[key]));
		const times = { readyMs: of("readyMs"), servedMs: of("servedMs"), cpuMs: of("cpuMs"), mostMb: of("mostMb") };
		return { services: SERVICES, ...changes, emptyReadyMs: median(empty), ...times };
	} finally {
		await rm(state, { recursive: true, force: true });
	}
}

type Versions = ReadonlyMap<string, string>;
type Start = Pick<StateCost, "readyMs" | "servedMs" | "cpuMs" | "mostMb">;

/** Two processes follow one source, one of them with state: they have the same to do but for that. */
async function changeCosts(peers: string, state: string, profiles?: string) {
	await using etcd = await FakeEtcd.start();
	for (let n = 0; n < SERVICES; n++) put(etcd, n);
	const config = (more: object) => {
		const providers = { etcd: { endpoints: [etcd.url] } };
		return JSON.stringify({ providers, discover: ["etcd:///services/*"], services: {}, ...more });
	};
	const withState = config({ state: { directory: state } });
	await using without = await FingerpostProcess.start({ "fingerpost.yaml": config({}) });
	await using kept = await FingerpostProcess.start({ "fingerpost.yaml": withState }, { profiles });
	const servers = [without, kept] as const;
	for (const server of servers) {
		const all = async () => (await versionsOf(server)).size === SERVICES;
		await waitUntil("all services are there", all, { interval: 50, timeout: LIMIT_MS });
	}
	const isKept = () => keptServices(state).length === SERVICES;
	await waitUntil("all services are on disk", isKept, { interval: 500, timeout: LIMIT_MS });
	await using stack = new AsyncDisposableStack();
	const clients: GoCrowd[] = [];
	for (const { xdsPort: port } of servers) {
		const groups = [{ id: 0, streams: 1, names: names() }];
		clients.push(stack.use(await GoCrowd.connect(peers, { port, mode: "delta", groups })));
	}
	const idle = profiles ? 30 * IDLE_MICROS : IDLE_MICROS;
	const costs: number[][] = [[], []];
	for (const { child } of servers) await settledCpuMicros(child.pid, idle);
	for (let n = 0; n < CHANGES.warmUp + CHANGES.measured; n++) {
		const before = servers.map(({ child }) => cpuMicros(child.pid));
		const change = () => {
			const at = performance.now();
			etcd.put(`services/${serviceName((n * 37) % SERVICES)}/0`, `10.99.${n >> 8}.${n & 255}:8080`);
			return at;
		};
		let made: number | undefined;
		await Promise.all(clients.map((each) => each.arrival(0, () => (made ??= change()))));
		await sleep(WRITING_MS);
		for (const [i, { child }] of servers.entries()) {
			const micros = (await settledCpuMicros(child.pid, idle)) - (before[i] as number);
			if (n >= CHANGES.warmUp) costs[i]?.push(micros / 1_000);
		}
	}
	const [withoutCosts = [], withCosts = []] = costs;
	return {
		...{ config: withState, versions: await versionsOf(kept) },
		withoutMs: median(withoutCosts),
		withMs: median(withCosts),
		moreMs: median(withCosts.map((each, i) => each - (withoutCosts[i] as number))),
		fileBytes: await sizeOf(state),
	};
}

/** From the start of the process until a client has all services as they were. */
async function restored(peers: string, config: string, versions: Versions, profiles?: string): Promise<Start> {
	await using server = await FingerpostProcess.start({ "fingerpost.yaml": config }, { profiles });
	const groups = [{ id: 0, streams: 1, names: names() }];
	await using _ = await GoCrowd.connect(peers, { port: server.xdsPort, mode: "delta", groups });
	const servedMs = performance.now() - server.startedAt;
	const cpuMs = cpuMicros(server.child.pid) / 1_000;
	const mostMb = mostRssKiB(server.child.pid) / 1_024;
	const now = await versionsOf(server);
	const others = [...versions].filter(([name, version]) => now.get(name) !== version);
	if (now.size !== versions.size || others.length > 0) {
		throw new Error(`after the start ${others.length} of ${versions.size} services are other ones than before`);
	}
	return { readyMs: server.startMs, servedMs, cpuMs, mostMb };
}

async function emptyReady(): Promise<number> {
	await using server = await FingerpostProcess.start({ "fingerpost.yaml": "services: {}\n" });
	return server.startMs;
}

function put(etcd: FakeEtcd, n: number): void {
	for (const [i, { address, port }] of serviceEndpoints(n).entries()) {
		etcd.put(`services/${serviceName(n)}/${i}`, `${address}:${port}`);
	}
}

function names(): readonly string[] {
	return Array.from({ length: SERVICES }, (_, n) => serviceName(n));
}

/** Those of the services that have endpoints. */
async function versionsOf({ adminPort }: FingerpostProcess): Promise<Versions> {
	const answer = await fetch(`http://127.0.0.1:${adminPort}/api/v1/services`);
	const { services } = (await answer.json()) as Services;
	return new Map(services.filter(({ endpoints }) => endpoints.total > 0).map(({ name, version }) => [name, version]));
}

interface Services {
	readonly services: readonly {
		readonly name: string;
		readonly version: string;
		readonly endpoints: { readonly total: number };
	}[];
}

async function sizeOf(folder: string): Promise<number> {
	let bytes = 0;
	for (const file of await readdir(folder)) bytes += (await stat(join(folder, file))).size;
	return bytes;
}

export function printStateCost(cost: StateCost): void {
	const { services, withoutMs, withMs, moreMs, fileBytes, emptyReadyMs, readyMs, servedMs, cpuMs, mostMb } = cost;
	const row = (what: string, value: number, unit: string, digits = 0) =>
		`${what.padEnd(64)}${value.toFixed(digits).padStart(10)} ${unit}\n`;
	process.stdout.write(
		[
			`state on disk: ${services} services of 10 endpoints\n`,
			row("a change, CPU without state", withoutMs, "ms", 2),
			row("a change, CPU with state", withMs, "ms", 2),
			row("the difference, median of each", moreMs, "ms", 2),
			row("what is on disk", fileBytes / 1_000_000, "MB", 1),
			row("start to ready, no services", emptyReadyMs, "ms"),
			row("start to ready, all from disk and the source away", readyMs, "ms"),
			row("start until a client has all of them, same versions", servedMs, "ms"),
			row("CPU until then", cpuMs, "ms"),
			row("the most memory until then", mostMb, "MB"),
		].join(""),
	);
}
