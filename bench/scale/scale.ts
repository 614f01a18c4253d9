import { readFileSync } from "node:fs";
import { Followers } from "../followers.js";
import { median } from "../median.js";
import { NumberedChanges } from "../numbered-changes.js";
import { cpuMicros, mostRssKiB, rssKiB } from "../process-cost.js";
import { serviceNames } from "../scenario.js";
import { BenchServer } from "../servers.js";
import { serviceName } from "../services.js";

const SERVICES = 1_000;
const ENDPOINTS = 10;
/**
 * A hundred deployments of a hundred proxies each. The proxies of one want the same hundred services, which is what a
 * mesh of that size needs where proxies are told what they may call; each service is wanted by ten deployments. So a
 * change goes to a tenth of all streams.
 */
const DEPLOYMENTS = 100;
const PROXIES = 100;
const WANTED = 100;
const STREAMS = DEPLOYMENTS * PROXIES;
const CHANGES_PER_SECOND = 10;
const LOOK_MS = 2_000;
/** Of the programs' own files, beside a connection for each stream. */
const OTHER_FILES = 200;

/** What was seen in an interval that ended then. */
export interface ScaleLook {
	/** Since the server's start. */
	readonly seconds: number;
	readonly rssMb: number;
	readonly cores: number;
	/** Of the load generator. */
	readonly loadCores: number;
	/** How long changes took; none while the streams connect. */
	readonly p50Ms?: number;
	readonly p99Ms?: number;
	readonly maxMs?: number;
	readonly pushesPerSecond?: number;
}

export interface Scale {
	readonly streams: number;
	readonly services: number;
	readonly wanted: number;
	readonly changesPerSecond: number;
	/** Until all streams had their first answer. */
	readonly connectedMs: number;
	readonly connectCpuMs: number;
	/** The server's before the first stream. */
	readonly emptyMb: number;
	/** In use at the end, after collection of garbage; and the most that was resident. */
	readonly usedMb: number;
	readonly mostMb: number;
	/** How many changes there were, and how many states were not the newest in the end. */
	readonly changes: number;
	readonly behind: number;
	/** Medians of the looks once all were connected. */
	readonly medians: Required<Omit<ScaleLook, "seconds">>;
	readonly looks: readonly ScaleLook[];
}

/** 10,000 streams on one process while services change, for so many seconds. */
export async function scale(peers: string, seconds: number, profiles?: string): Promise<Scale> {
	checkFileLimit();
	const world = { services: SERVICES, endpoints: ENDPOINTS, recording: "", peers, profiles };
	await using server = await BenchServer.start("fingerpost", world);
	const looks: ScaleLook[] = [];
	const look = new Looks(server.pid);
	const emptyMb = rssKiB(server.pid) / 1_024;
	const cpuBefore = cpuMicros(server.pid);
	const timer = setInterval(() => looks.push(look.take()), LOOK_MS);
	const begin = performance.now();
	await using streams = await Followers.connect(peers, {
		port: server.port,
		mode: "delta",
		groups: Array.from({ length: DEPLOYMENTS }, (_, id) => ({ id, streams: PROXIES, names: namesOf(id) })),
	}).finally(() => clearInterval(timer));
	const connectedMs = performance.now() - begin;
	const connectCpuMs = (cpuMicros(server.pid) - cpuBefore) / 1_000;
	looks.push(look.take());

	const connecting = looks.length;
	const changes = new NumberedChanges(server);
	const over = AbortSignal.timeout(seconds * 1_000);
	const churn = changes.steadily({ names: serviceNames(SERVICES), perSecond: CHANGES_PER_SECOND }, over);
	look.load = () => streams.cpuMicros();
	look.take();
	for (let next = performance.now() + LOOK_MS; !over.aborted; next += LOOK_MS) {
		await new Promise((resolve) => setTimeout(resolve, next - performance.now()));
		const { p50, p99, max, pushes } = await streams.ages(changes);
		const ages = { p50Ms: p50, p99Ms: p99, maxMs: max, pushesPerSecond: pushes / (LOOK_MS / 1_000) };
		looks.push({ ...look.take(), ...ages });
	}
	await churn;
	const { behind } = await streams.caughtUp(changes);
	const { seconds: _, ...medians } = mediansOf(looks.slice(connecting) as Required<ScaleLook>[]);
	return {
		streams: STREAMS,
		services: SERVICES,
		wanted: WANTED,
		changesPerSecond: CHANGES_PER_SECOND,
		connectedMs,
		connectCpuMs,
		emptyMb,
		usedMb: (await server.usedKiB()) / 1_024,
		mostMb: mostRssKiB(server.pid) / 1_024,
		changes: changes.made,
		behind,
		medians,
		looks,
	};
}

/** The windows of neighbours overlap, and the last one's begins again at the first service. */
function namesOf(deployment: number): readonly string[] {
	const first = (deployment * SERVICES) / DEPLOYMENTS;
	return Array.from({ length: WANTED }, (_, i) => serviceName((first + i) % SERVICES));
}

class Looks {
	/** CPU time of the load generator. */
	load = () => 0;
	readonly #pid: number;
	readonly #begin = performance.now();
	#at: number;
	#cpu: number;
	#loadCpu = 0;

	constructor(pid: number) {
		this.#pid = pid;
		this.#at = this.#begin;
		this.#cpu = cpuMicros(pid);
	}

	take(): ScaleLook {
		const [now, cpu, loadCpu] = [performance.now(), cpuMicros(this.#pid), this.load()];
		const micros = (now - this.#at) * 1_000;
		const seen = {
			seconds: (now - this.#begin) / 1_000,
			rssMb: rssKiB(this.#pid) / 1_024,
			cores: (cpu - this.#cpu) / micros,
			loadCores: (loadCpu - this.#loadCpu) / micros,
		};
		[this.#at, this.#cpu, this.#loadCpu] = [now, cpu, loadCpu];
		return seen;
	}
}

function mediansOf(looks: readonly Required<ScaleLook>[]): Required<ScaleLook> {
	const keys = Object.keys(looks[0] ?? {}) as (keyof ScaleLook)[];
	return Object.fromEntries(keys.map((key) => [key, median(looks.map((look) => look[key]))])) as Required<ScaleLook>;
}

/** Node and Go take what the hard limit allows by themselves. */
function checkFileLimit(): void {
	const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
	const needed = STREAMS + OTHER_FILES;
	if (hard !== "unlimited" && Number(hard) < needed) {
		throw new Error(
			`${STREAMS} streams need ${needed} open files, but the hard limit is ${hard}: raise it first, as root with "ulimit -Hn ${needed}"`,
		);
	}
}
