import type { BenchServer } from "./servers.js";

/** A change that was made: the n-th of its service, by the order in which they are told. */
export interface NumberedChange {
	readonly name: string;
	/** By the kernel's monotonic clock, in nanoseconds. */
	readonly at: number;
}

export interface Rate {
	/** These change in turns. */
	readonly names: readonly string[];
	readonly perSecond: number;
}

/** Changes that tell which one they are: each gives one endpoint of the service a weight that says how many came before. */
export class NumberedChanges {
	readonly #server: BenchServer;
	readonly #numbers = new Map<string, number>();
	readonly #untold: NumberedChange[] = [];
	#made = 0;

	constructor(server: BenchServer) {
		this.#server = server;
	}

	/** How many there were so far. */
	get made(): number {
		return this.#made;
	}

	make(name: string): void {
		const number = (this.#numbers.get(name) ?? 0) + 1;
		this.#numbers.set(name, number);
		this.#untold.push({ name, at: Number(process.hrtime.bigint()) });
		this.#made++;
		this.#server.number(name, number);
	}

	/** Makes changes at a steady rate until the time is over or the signal fires; what a late timer missed is made up for. */
	async steadily({ names, perSecond }: Rate, until: number | AbortSignal): Promise<void> {
		const begin = performance.now();
		for (let made = 0; ; ) {
			const now = performance.now() - begin;
			const over = typeof until === "number" ? now >= until : until.aborted;
			const due = Math.floor(((typeof until === "number" ? Math.min(now, until) : now) * perSecond) / 1_000);
			for (; made < due; made++) this.make(names[this.#made % names.length] as string);
			if (over) return;
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
	}

	/** Those that were made since the last call. */
	untold(): readonly NumberedChange[] {
		return this.#untold.splice(0);
	}
}
