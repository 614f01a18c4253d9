import { fileURLToPath } from "node:url";
import { LineProcess } from "./line-process.js";
import { IDLE_MICROS, PROFILED_IDLE_MICROS } from "./process-cost.js";

/** What is changed: a service that all streams of group 0 want, or one that a single stream wants. */
export type Change = "watched" | "lone";

/** The service that only one stream wants. */
export const LONE = "lone";
export const LONE_GROUP = -1;

/** The servers under measurement. The first is Fingerpost: what it sends is recorded for the others. */
export const SERVERS = ["fingerpost", "grpc-js", "http2", "linear", "snapshot"] as const;

export type ServerName = (typeof SERVERS)[number];

export const TITLES: Readonly<Record<ServerName, string>> = {
	fingerpost: "Fingerpost",
	"grpc-js": "bare grpc-js",
	http2: "bare node:http2",
	linear: "go-control-plane, linear",
	snapshot: "go-control-plane, snapshot",
};

/** What there is to serve, beside the service that only one stream wants. */
export interface World {
	readonly services: number;
	/** Of each service. */
	readonly endpoints: number;
	/** From this service on they have so many instead. Of Fingerpost only. */
	readonly others?: { readonly from: number; readonly endpoints: number } | undefined;
	/** Whether there is also a service of 1 MiB. */
	readonly large?: boolean | undefined;
	/** Whether the program sets the services (ControlPlane.set), in place of a provider that tells of them. Of Fingerpost only. */
	readonly own?: boolean | undefined;
	/** Files by which it serves by mutual TLS; in clear unless given. Of Fingerpost and go-control-plane only. */
	readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa: string } | undefined;
	/** Whether access rules say what clients see, one of which is for all of them. Of Fingerpost only. */
	readonly rules?: boolean | undefined;
}

/** A thousand endpoints, each with a kilobyte of metadata. */
export const LARGE = "large";

/** The n-th numbered change of a service gives one of its endpoints the weight FIRST_NUMBER + n; the others have less. */
export const FIRST_NUMBER = 1_000;

export interface ServerOptions extends World {
	/** Where the recording is; there is none yet for Fingerpost. */
	readonly recording: string;
	/** The program of bench/peers, for the servers in Go. */
	readonly peers: string | undefined;
	/** A folder for a CPU profile, of servers in Node. */
	readonly profiles?: string | undefined;
}

/** A server in a process of its own. */
export class BenchServer implements AsyncDisposable {
	readonly port: number;
	/** The CPU time in 10 ms below which it counts as idle. */
	readonly idleMicros: number;
	readonly #process: LineProcess;

	private constructor(process: LineProcess, port: number, idleMicros: number) {
		this.#process = process;
		this.port = port;
		this.idleMicros = idleMicros;
	}

	static async start(name: ServerName, options: ServerOptions): Promise<BenchServer> {
		const process = new LineProcess(TITLES[name], ...commandOf(name, options));
		try {
			const line = await process.line();
			const port = Number(/^ready (\d+)$/.exec(line)?.[1]);
			if (!port) throw new Error(`${TITLES[name]} did not say where it listens but ${line}`);
			return new BenchServer(process, port, options.profiles ? PROFILED_IDLE_MICROS : IDLE_MICROS);
		} catch (reason) {
			await process[Symbol.asyncDispose]();
			throw reason;
		}
	}

	get pid(): number {
		return this.#process.pid;
	}

	/** Makes the n-th change. @returns when it was made, in `performance.now()`. */
	change(what: Change, n: number): number {
		const at = performance.now();
		this.#process.tell(`change ${what} ${n}`);
		return at;
	}

	/** Makes the n-th numbered change of the service. */
	number(name: string, n: number): void {
		this.#process.tell(`number ${name} ${n}`);
	}

	/** KiB in use, once everything that can be freed has been. */
	async usedKiB(): Promise<number> {
		this.#process.tell("memory");
		const line = await this.#process.line();
		const bytes = Number(/^memory (\d+)$/.exec(line)?.[1]);
		if (!bytes) throw new Error(`it did not say what memory it needs but ${line}`);
		return bytes / 1_024;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#process[Symbol.asyncDispose]();
	}
}

function commandOf(name: ServerName, options: ServerOptions): [string, string[]] {
	const { services, endpoints, others, large, own, tls, rules, recording, peers, profiles } = options;
	const profiling = profiles ? ["--cpu-prof", "--cpu-prof-dir", profiles] : [];
	const node = (program: string, ...args: readonly unknown[]): [string, string[]] => [
		process.execPath,
		[...profiling, "--import", pathOf("../lab/ts-hook.mjs"), pathOf(program), ...args.map(String)],
	];
	switch (name) {
		case "fingerpost":
			return node(
				"fingerpost-server.ts",
				JSON.stringify({ services, endpoints, others, large, own, tls, rules } satisfies World),
			);
		case "grpc-js":
			return node("bare-grpc-server.ts", recording);
		case "http2":
			return node("bare-http2-server.ts", recording);
		default:
			if (peers === undefined) throw new Error(`${TITLES[name]} needs the program of bench/peers`);
			return [peers, [name, recording, ...(tls ? [tls.cert, tls.key, tls.clientCa] : [])]];
	}
}

function pathOf(file: string): string {
	return fileURLToPath(new URL(file, import.meta.url));
}
