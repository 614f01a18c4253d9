import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { CertificateLab } from "../lab/certificate-lab.js";
import { Crowd } from "./crowd.js";
import type { H2StreamTls } from "./h2-stream.js";
import { median, medianOf } from "./median.js";
import { cpuMicros, IDLE_MICROS, settledCpuMicros } from "./process-cost.js";
import { writeRecording } from "./recording.js";
import { BenchServer, type ServerName } from "./servers.js";
import { serviceName } from "./services.js";

/** Streams that get each push, and that come back at once. */
const STREAMS = Number(process.env.BENCH_TLS_STREAMS ?? 1_000);
const PUSHES = 40;
const WARM_UP = 10;
/** Of a storm, whose streams shake hands all at once. */
const LIMIT_MS = 240_000;

/** Of the server: microseconds of CPU for each stream, and milliseconds until the last one had it. */
export interface Cost {
	readonly connectMicros: number;
	readonly connectMs: number;
	/** They come back all at once: by TLS with the session that they were given. */
	readonly stormMicros: number;
	readonly stormMs: number;
	/** The part of those that the session spared a handshake, from 0 to 1. */
	readonly resumed: number;
	/** Handshakes of those that took too long for the server, and were begun again a second later; of all streams. */
	readonly turnedAway: number;
	readonly pushMicros: number;
	readonly pushMs: number;
}

const VARIANTS = ["clear", "rules", "tls", "linearClear", "linearTls"] as const;
type Variant = (typeof VARIANTS)[number];

const TITLES: Readonly<Record<Variant, string>> = {
	clear: "clear",
	rules: "with rules",
	tls: "TLS",
	linearClear: "linear",
	linearTls: "linear TLS",
};

export interface TlsCost {
	readonly streams: number;
	/** Fingerpost in clear, so with access rules of which one is for all, by mutual TLS; go-control-plane's LinearCache. */
	readonly costs: Partial<Readonly<Record<Variant, Cost>>>;
}

/** In turns; the load is Node's. @param peers the program of bench/peers; without it go-control-plane is left out. */
export async function tlsCost(peers: string | undefined, rounds: number): Promise<TlsCost> {
	await using pki = await CertificateLab.create();
	const folder = await mkdtemp(join(tmpdir(), "fingerpost-bench-"));
	try {
		const lab = { pki, peers, recording: join(folder, "recording.json") };
		const variants = VARIANTS.filter((each) => peers !== undefined || !each.startsWith("linear"));
		const samples = new Map<Variant, Cost[]>(variants.map((each) => [each, []]));
		for (let i = 0; i < rounds; i++) {
			for (const [variant, of] of samples) {
				process.stderr.write(`round ${i + 1} of ${rounds}, ${TITLES[variant]}\n`);
				of.push(await measure(variant, lab));
			}
		}
		const costs = Object.fromEntries([...samples].map(([variant, of]) => [variant, medianOf(of)]));
		return { streams: STREAMS, costs };
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

interface Lab {
	readonly pki: CertificateLab;
	readonly peers: string | undefined;
	/** What Fingerpost sent in clear, for the others to send. */
	readonly recording: string;
}

async function measure(variant: Variant, { pki, peers, recording }: Lab): Promise<Cost> {
	const isSecured = variant === "tls" || variant === "linearTls";
	const files = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	const tlsFiles = isSecured ? files : undefined;
	const name: ServerName = variant.startsWith("linear") ? "linear" : "fingerpost";
	const rules = variant === "rules";
	const world = { services: 100, endpoints: 10, tls: tlsFiles, rules, recording, peers };
	await using server = await BenchServer.start(name, world);
	const sessions = new Map<number, Buffer>();
	let resumed = 0;
	// One for all: a client of its own has its files read before it connects.
	const secureContext = createSecureContext({ ca: pki.authority.cert, cert: pki.client.cert, key: pki.client.key });
	const secured = (id: number): H2StreamTls => {
		const session = sessions.get(id);
		return {
			options: { secureContext, ...(session && { session }) },
			onSession: (given) => sessions.set(id, given),
			onSecured: (isResumed) => {
				resumed += Number(isResumed);
			},
		};
	};
	const groups = [{ id: 0, streams: STREAMS, names: [serviceName(0)] }];

	async function connect(atOnce?: number): Promise<{ crowd: Crowd; micros: number; ms: number }> {
		const [before, at] = [cpuMicros(server.pid), performance.now()];
		const tls = isSecured ? secured : undefined;
		const how = {
			port: server.port,
			mode: "delta" as const,
			groups,
			tls,
			atOnce,
			patient: atOnce !== undefined,
			limitMs: LIMIT_MS,
		};
		const crowd = await Crowd.connect(how);
		const ms = performance.now() - at;
		return { crowd, ms, micros: ((await settledCpuMicros(server.pid, IDLE_MICROS)) - before) / STREAMS };
	}

	const first = await connect();
	await first.crowd[Symbol.asyncDispose]();
	await settledCpuMicros(server.pid, IDLE_MICROS);
	resumed = 0;
	const again = await connect(STREAMS);
	await using crowd = again.crowd;
	const times: number[] = [];
	const pushes: Buffer[] = [];
	let before = 0;
	for (let n = 0; n < WARM_UP + PUSHES; n++) {
		if (n === WARM_UP) before = await settledCpuMicros(server.pid, IDLE_MICROS);
		const { last } = await crowd.arrival(0, () => server.change("watched", n));
		pushes[n % 2] = crowd.pushes.get(0) as Buffer;
		if (n >= WARM_UP) times.push(last);
	}
	const pushMicros = ((await settledCpuMicros(server.pid, IDLE_MICROS)) - before) / PUSHES / STREAMS;
	if (variant === "clear") {
		const initial = Object.fromEntries(crowd.initial);
		await writeRecording(recording, { mode: "delta", initial, pushes: { watched: pushes } });
	}
	const pushed = { pushMicros, pushMs: median(times) };
	const came = { connectMicros: first.micros, connectMs: first.ms };
	return {
		...came,
		stormMicros: again.micros,
		stormMs: again.ms,
		resumed: resumed / STREAMS,
		turnedAway: crowd.turnedAway,
		...pushed,
	};
}

export function printTlsCost({ streams, costs }: TlsCost): void {
	const there = VARIANTS.filter((each) => costs[each]);
	const line = (what: string, cells: readonly string[]) =>
		`${what.padEnd(44)}${cells.map((cell) => cell.padStart(18)).join("")}\n`;
	/** Beside the same server in clear and without rules. */
	const row = (what: string, key: keyof Cost) =>
		line(
			what,
			there.map((variant) => {
				const value = costs[variant]?.[key] ?? 0;
				const base = costs[variant.startsWith("linear") ? "linearClear" : "clear"]?.[key] ?? 0;
				return `${value.toFixed(1)}  x${(value / base).toFixed(2)}`;
			}),
		);
	const resumed = there.map((variant) => `${Math.round((costs[variant]?.resumed ?? 0) * 100)} %`);
	const again = there.map((variant) => String(costs[variant]?.turnedAway ?? 0));
	process.stdout.write(
		[
			line(
				`${streams} streams, mutual TLS 1.3`,
				there.map((variant) => TITLES[variant]),
			),
			row("a push, us of CPU for each stream", "pushMicros"),
			row("a push, ms until the last stream has it", "pushMs"),
			row("they connect, us of CPU for each", "connectMicros"),
			row("they connect, ms until all are answered", "connectMs"),
			row("they come back at once, us of CPU for each", "stormMicros"),
			row("they come back, ms until all are answered", "stormMs"),
			line("they come back with a session that counts", resumed),
			line("they come back, turned away and again", again),
		].join(""),
	);
}
