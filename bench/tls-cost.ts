import { CertificateLab } from "../lab/certificate-lab.js";
import { Crowd } from "./crowd.js";
import type { H2StreamTls } from "./h2-stream.js";
import { median, medianOf } from "./median.js";
import { cpuMicros, IDLE_MICROS, settledCpuMicros } from "./process-cost.js";
import { BenchServer } from "./servers.js";
import { serviceName } from "./services.js";

/** Streams that get each push, and that come back at once. */
const STREAMS = Number(process.env.BENCH_TLS_STREAMS ?? 1_000);
const PUSHES = 40;
const WARM_UP = 10;

/** Of the server: microseconds of CPU for each stream, and milliseconds until the last one had it. */
export interface Cost {
	readonly connectMicros: number;
	readonly connectMs: number;
	/** They come back: by TLS with the session that they were given. */
	readonly stormMicros: number;
	readonly stormMs: number;
	readonly pushMicros: number;
	readonly pushMs: number;
}

export interface TlsCost {
	readonly streams: number;
	readonly clear: Cost;
	readonly tls: Cost;
}

/** Fingerpost in clear and by mutual TLS, in turns; the load is Node's. */
export async function tlsCost(rounds: number): Promise<TlsCost> {
	await using pki = await CertificateLab.create();
	const [clear, tls]: [Cost[], Cost[]] = [[], []];
	for (let i = 0; i < rounds; i++) {
		clear.push(await measure(undefined));
		tls.push(await measure(pki));
	}
	return { streams: STREAMS, clear: medianOf(clear), tls: medianOf(tls) };
}

async function measure(pki: CertificateLab | undefined): Promise<Cost> {
	const files = pki && { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	const world = { services: 100, endpoints: 10, tls: files, recording: "", peers: undefined };
	await using server = await BenchServer.start("fingerpost", world);
	const sessions = new Map<number, Buffer>();
	const tls = pki && ((id: number) => secured(pki, id, sessions));
	const groups = [{ id: 0, streams: STREAMS, names: [serviceName(0)] }];

	async function connect(): Promise<{ crowd: Crowd; micros: number; ms: number }> {
		const [before, at] = [cpuMicros(server.pid), performance.now()];
		const crowd = await Crowd.connect({ port: server.port, mode: "delta", groups, tls });
		const ms = performance.now() - at;
		return { crowd, ms, micros: ((await settledCpuMicros(server.pid, IDLE_MICROS)) - before) / STREAMS };
	}

	const first = await connect();
	await first.crowd[Symbol.asyncDispose]();
	await settledCpuMicros(server.pid, IDLE_MICROS);
	const again = await connect();
	await using crowd = again.crowd;
	const times: number[] = [];
	let before = 0;
	for (let n = 0; n < WARM_UP + PUSHES; n++) {
		if (n === WARM_UP) before = await settledCpuMicros(server.pid, IDLE_MICROS);
		const { last } = await crowd.arrival(0, () => server.change("watched", n));
		if (n >= WARM_UP) times.push(last);
	}
	const pushMicros = ((await settledCpuMicros(server.pid, IDLE_MICROS)) - before) / PUSHES / STREAMS;
	const pushed = { pushMicros, pushMs: median(times) };
	const came = { connectMicros: first.micros, connectMs: first.ms };
	return { ...came, stormMicros: again.micros, stormMs: again.ms, ...pushed };
}

function secured(pki: CertificateLab, id: number, sessions: Map<number, Buffer>): H2StreamTls {
	const { cert, key } = pki.client;
	const session = sessions.get(id);
	return {
		options: { ca: pki.authority.cert, cert, key, ...(session && { session }) },
		onSession: (given) => sessions.set(id, given),
	};
}

export function printTlsCost({ streams, clear, tls }: TlsCost): void {
	const row = (what: string, key: keyof Cost, unit: string) => {
		const ratio = (tls[key] / clear[key]).toFixed(2);
		return `${what.padEnd(44)}${clear[key].toFixed(1).padStart(10)}${tls[key].toFixed(1).padStart(10)} ${unit.padEnd(8)}x ${ratio}\n`;
	};
	process.stdout.write(
		[
			`${`${streams} streams, mutual TLS 1.3`.padEnd(44)}${"clear".padStart(10)}${"TLS".padStart(10)}\n`,
			row("a push, CPU of the server for each stream", "pushMicros", "us"),
			row("a push, until the last stream has it", "pushMs", "ms"),
			row("they connect, CPU for each", "connectMicros", "us"),
			row("they connect, until all are answered", "connectMs", "ms"),
			row("they come back with sessions, CPU for each", "stormMicros", "us"),
			row("they come back, until all are answered", "stormMs", "ms"),
		].join(""),
	);
}
