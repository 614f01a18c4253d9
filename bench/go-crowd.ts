import type { Arrival } from "./arrival.js";
import { fromNanos } from "./kernel-clock.js";
import type { Counts, Load, LoadOptions } from "./load.js";
import { bytesOf, CONNECTING_AT_ONCE, LoadProcess } from "./load-process.js";

/** Streams of bench/peers that tell when a change arrived. */
export class GoCrowd implements Load {
	readonly pushes = new Map<number, Buffer>();
	readonly #load: LoadProcess;

	private constructor(load: LoadProcess) {
		this.#load = load;
	}

	/** Connects all, and waits until each has its first answer. */
	static async connect(program: string, options: LoadOptions): Promise<GoCrowd> {
		return new GoCrowd(await LoadProcess.connect(program, options));
	}

	get initial(): ReadonlyMap<number, readonly Buffer[]> {
		return this.#load.initial;
	}

	async arrival(group: number, change: () => number | Promise<number>): Promise<Arrival> {
		await this.#load.ask({ do: "arrival", group });
		const at = await change();
		const said = (await this.#load.said()) as { first: number; last: number; push: string };
		this.pushes.set(group, bytesOf(said.push));
		return { first: fromNanos(said.first) - at, last: fromNanos(said.last) - at };
	}

	async count(): Promise<Counts> {
		return (await this.#load.ask({ do: "count" })) as Counts;
	}

	async reconnect(meanwhile: () => Promise<void>): Promise<void> {
		await this.#load.ask({ do: "disconnect" });
		await meanwhile();
		await this.#load.ask({ do: "reconnect", atOnce: CONNECTING_AT_ONCE, versions: true });
	}

	cpuMicros(): number {
		return this.#load.cpuMicros();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#load[Symbol.asyncDispose]();
	}
}
