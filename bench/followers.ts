import { waitUntil } from "../lab/wait-until.js";
import { fromNanos } from "./kernel-clock.js";
import type { Counts, LoadOptions } from "./load.js";
import { LoadProcess } from "./load-process.js";
import type { NumberedChanges } from "./numbered-changes.js";

/** Until the last stream has the newest state. */
const LIMIT_MS = 60_000;

/** How long changes took: for each change and each stream that wants it, until the stream has that or a newer state. */
export interface Ages {
	readonly samples: number;
	/** Milliseconds. */
	readonly p50: number;
	readonly p99: number;
	readonly max: number;
	/** How many pushes the streams got, and the most that one of them got. */
	readonly pushes: number;
	readonly most: number;
	/** How many states are not the newest, of all services of all streams. */
	readonly behind: number;
	/** How many streams that did not read were ended by the server. */
	readonly ended: number;
}

export interface ComeBack {
	/** The groups, by their ids. */
	readonly of: readonly number[];
	/** Whether they bring the versions that they have. */
	readonly versions: boolean;
	/** How many resources each is then sent; not looked at without versions, where it is all. */
	readonly expect?: number;
}

/** Streams of bench/peers that look at what comes: which change it is, and how old that is. */
export class Followers implements AsyncDisposable {
	readonly #load: LoadProcess;

	private constructor(load: LoadProcess) {
		this.#load = load;
	}

	/** Connects all, and waits until each has its first answer. */
	static async connect(program: string, options: LoadOptions): Promise<Followers> {
		return new Followers(await LoadProcess.connect(program, options, true));
	}

	get initial(): ReadonlyMap<number, readonly Buffer[]> {
		return this.#load.initial;
	}

	/** Of the groups, or of all: since it was last asked, unless that was to be kept. */
	async ages(changes: NumberedChanges, of: readonly number[] = [], keep = false): Promise<Ages> {
		return (await this.#load.ask({ do: "staleness", changes: changes.untold(), of, keep })) as Ages;
	}

	/** The same once the streams have the newest state of everything. At most a minute. */
	async caughtUp(changes: NumberedChanges, of: readonly number[] = [], keep = false): Promise<Ages> {
		await waitUntil(
			"all streams have the newest state",
			async () => {
				const { behind } = await this.ages(changes, of, true);
				if (behind > 0) throw new Error(`${behind} states are not the newest`);
				return true;
			},
			{ timeout: LIMIT_MS, interval: 5 },
		);
		return this.ages(changes, of, keep);
	}

	/** Closes all their connections. */
	async leave(of: readonly number[]): Promise<void> {
		await this.#load.ask({ do: "disconnect", of });
	}

	/** Opens them all at once. @returns when the last one had its answer, in `performance.now()`. */
	async comeBack(how: ComeBack): Promise<number> {
		const { last } = (await this.#load.ask({ do: "reconnect", atOnce: 1_000_000, ...how })) as { last: number };
		return fromNanos(last);
	}

	/** Stops reading. */
	async hold(of: readonly number[]): Promise<void> {
		await this.#load.ask({ do: "hold", of });
	}

	/** Reads again. */
	async resume(of: readonly number[]): Promise<void> {
		await this.#load.ask({ do: "resume", of });
	}

	/** What came to the groups, or to all, since the last count. */
	async count(of: readonly number[] = []): Promise<Counts> {
		return (await this.#load.ask({ do: "count", of })) as Counts;
	}

	/** What it has cost so far. */
	cpuMicros(): number {
		return this.#load.cpuMicros();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#load[Symbol.asyncDispose]();
	}
}
