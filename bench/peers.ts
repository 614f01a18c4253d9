import { fileURLToPath } from "node:url";
import { Child } from "../test/lab/child.js";
import { waitUntil } from "../test/lab/wait-until.js";
import type { BareCommand, BareReady } from "./bare-server.js";
import { FingerpostProcess } from "./fingerpost-process.js";
import { IDLE_MICROS, PROFILED_IDLE_MICROS } from "./process-cost.js";
import { configText, endpointList, listText, type ServiceSource, serviceName } from "./services.js";

/** What can be changed: a service of group 0 by its own file; one that a single stream wants; one in the config file. */
export type Change = "watched" | "lone" | "config";

/** A server under measurement, in a process of its own. */
export interface Peer extends AsyncDisposable {
	readonly pid: number;
	readonly port: number;
	/** The CPU time in 10 ms below which it counts as idle. */
	readonly idleMicros: number;
	/** Makes the n-th change. @returns when it was made, in `performance.now()`. */
	change(what: Change, n: number): number | Promise<number>;
}

/** The service that only one stream wants. */
export const LONE = "lone";
export const LONE_GROUP = -1;

/** Fingerpost with this many services: the first and the lone one from files of their own, the rest in the config. */
export async function startFingerpost(services: number, profiles: string | undefined): Promise<Peer> {
	const config = (variant: number) => {
		const sources = new Map<string, ServiceSource>([[LONE, { target: `file://FOLDER/${LONE}.yaml` }]]);
		sources.set(serviceName(0), { target: "file://FOLDER/watched.yaml" });
		for (let i = 1; i < services; i++) {
			sources.set(serviceName(i), { endpoints: endpointList(i, i === 1 ? variant : 100) });
		}
		return configText(sources);
	};
	const list = (variant: number) => listText(endpointList(0, variant));
	const variants = [config(100), config(50)] as const;
	const files = { "fingerpost.yaml": variants[0], "watched.yaml": list(100), [`${LONE}.yaml`]: list(100) };
	const server = await FingerpostProcess.start(files, { profiles });
	return {
		pid: server.child.pid,
		port: server.xdsPort,
		idleMicros: profiles ? PROFILED_IDLE_MICROS : IDLE_MICROS,
		change: (what, n) =>
			what === "config"
				? server.replace("fingerpost.yaml", variants[n % 2 === 0 ? 1 : 0])
				: server.replace(`${what}.yaml`, list(n % 2 === 0 ? 50 : 100)),
		[Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
	};
}

/** What Fingerpost's streams were sent, by group. */
export interface Recording {
	readonly initial: ReadonlyMap<number, readonly Uint8Array[]>;
	readonly pushes: ReadonlyMap<number, Uint8Array>;
}

/** The bare server, to send the same bytes. */
export async function startBare({ initial, pushes }: Recording, profiles: string | undefined): Promise<Peer> {
	const main = fileURLToPath(new URL("bare-server.ts", import.meta.url));
	const profiling = profiles ? ["--cpu-prof", "--cpu-prof-dir", profiles] : [];
	const child = new Child(process.execPath, [...profiling, main], {
		stdio: ["ignore", "pipe", "pipe", "ipc"],
		serialization: "advanced",
	});
	const send = (command: BareCommand) => child.process.send(command);
	let port: number | undefined;
	child.process.once("message", (message) => {
		port = (message as BareReady).port;
	});
	try {
		send({ kind: "start", initial });
		port = await waitUntil("the bare server is ready", () => (child.exit ? -1 : port), { interval: 1 });
		if (port < 0) throw new Error("it ended");
	} catch (reason) {
		await child.kill("SIGKILL");
		throw new Error(`the bare server did not start: ${String(reason)}\n${child.tail}`, { cause: reason });
	}
	return {
		pid: child.pid,
		port,
		idleMicros: profiles ? PROFILED_IDLE_MICROS : IDLE_MICROS,
		change: (what) => {
			const group = what === "lone" ? LONE_GROUP : 0;
			const at = performance.now();
			send({ kind: "push", group, bytes: pushes.get(group) as Uint8Array });
			return at;
		},
		[Symbol.asyncDispose]: async () => {
			await child.kill("SIGTERM");
		},
	};
}
