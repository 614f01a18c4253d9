import { LineProcess } from "./line-process.js";
import type { LoadOptions } from "./load.js";
import { cpuMicros } from "./process-cost.js";

/** How many streams connect at a time. */
export const CONNECTING_AT_ONCE = 50;

interface Said {
	readonly groups: readonly { readonly id: number; readonly initial: readonly string[] | null }[];
}

/** Streams in a process of their own that shares no runtime with the server: bench/peers with the command `load`. */
export class LoadProcess implements AsyncDisposable {
	/** The first answers, by group. */
	readonly initial: ReadonlyMap<number, readonly Buffer[]>;
	readonly #process: LineProcess;

	private constructor(process: LineProcess, { groups }: Said) {
		this.#process = process;
		this.initial = new Map(groups.map(({ id, initial }) => [id, (initial ?? []).map(bytesOf)]));
	}

	/** Connects all, some at a time, and waits until each has its first answer. @param follow whether they look at what comes. */
	static async connect(program: string, { port, mode, groups }: LoadOptions, follow = false): Promise<LoadProcess> {
		const process = new LineProcess("the load generator", program, ["load"]);
		try {
			const asked = groups.map(({ id, streams, names }) => ({ id, streams, names }));
			const command = { do: "connect", port, mode, atOnce: CONNECTING_AT_ONCE, groups: asked, follow };
			process.tell(JSON.stringify(command));
			return new LoadProcess(process, JSON.parse(await process.line()) as Said);
		} catch (reason) {
			await process[Symbol.asyncDispose]();
			throw reason;
		}
	}

	async ask(command: object): Promise<unknown> {
		this.#process.tell(JSON.stringify(command));
		return this.said();
	}

	/** What it says next by itself. */
	async said(): Promise<unknown> {
		return JSON.parse(await this.#process.line());
	}

	/** What it has cost so far. */
	cpuMicros(): number {
		return cpuMicros(this.#process.pid);
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#process[Symbol.asyncDispose]();
	}
}

export function bytesOf(base64: string): Buffer {
	return Buffer.from(base64, "base64");
}
