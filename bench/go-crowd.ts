import type { Arrival } from "./crowd.js";
import { fromNanos } from "./kernel-clock.js";
import { LineProcess } from "./line-process.js";
import type { Counts, Load, LoadOptions, StreamGroup } from "./load.js";
import { cpuMicros } from "./process-cost.js";

const CONNECTING_AT_ONCE = 50;

/** Streams in a process of their own that shares no runtime with the server: bench/peers with the command `load`. */
export class GoCrowd implements Load {
	readonly initial: ReadonlyMap<number, readonly Buffer[]>;
	readonly pushes = new Map<number, Buffer>();
	readonly #process: LineProcess;

	private constructor(process: LineProcess, initial: ReadonlyMap<number, readonly Buffer[]>) {
		this.#process = process;
		this.initial = initial;
	}

	/** Connects all, some at a time, and waits until each has its first answer. */
	static async connect(program: string, { port, mode, groups }: LoadOptions): Promise<GoCrowd> {
		const process = new LineProcess("the load generator", program, ["load"]);
		try {
			const asked = groups.map(({ id, streams, names }: StreamGroup) => ({ id, streams, names }));
			process.tell(JSON.stringify({ do: "connect", port, mode, atOnce: CONNECTING_AT_ONCE, groups: asked }));
			return new GoCrowd(process, initialOf(await process.line()));
		} catch (reason) {
			await process[Symbol.asyncDispose]();
			throw reason;
		}
	}

	async arrival(group: number, change: () => number | Promise<number>): Promise<Arrival> {
		await this.#ask({ do: "arrival", group });
		const at = await change();
		const said = JSON.parse(await this.#process.line()) as { first: number; last: number; push: string };
		this.pushes.set(group, bytesOf(said.push));
		return { first: fromNanos(said.first) - at, last: fromNanos(said.last) - at };
	}

	async count(): Promise<Counts> {
		return (await this.#ask({ do: "count" })) as Counts;
	}

	async reconnect(meanwhile: () => Promise<void>): Promise<void> {
		await this.#ask({ do: "disconnect" });
		await meanwhile();
		await this.#ask({ do: "reconnect", atOnce: CONNECTING_AT_ONCE, versions: true });
	}

	cpuMicros(): number {
		return cpuMicros(this.#process.pid);
	}

	async #ask(command: object): Promise<unknown> {
		this.#process.tell(JSON.stringify(command));
		return JSON.parse(await this.#process.line());
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#process[Symbol.asyncDispose]();
	}
}

/** The first answers by group, as the load generator tells of them. */
export function initialOf(line: string): ReadonlyMap<number, readonly Buffer[]> {
	const { groups } = JSON.parse(line) as { groups: readonly { readonly id: number; readonly initial: string[] }[] };
	return new Map(groups.map(({ id, initial }) => [id, (initial ?? []).map(bytesOf)]));
}

function bytesOf(base64: string): Buffer {
	return Buffer.from(base64, "base64");
}
