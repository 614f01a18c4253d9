import type { Arrival } from "./arrival.js";
import type { H2StreamTls } from "./h2-stream.js";
import type { Mode } from "./subscriber.js";

/** Streams that ask for the same names. */
export interface StreamGroup {
	readonly id: number;
	readonly streams: number;
	readonly names: readonly string[];
}

export interface LoadOptions {
	readonly port: number;
	readonly mode: Mode;
	readonly groups: readonly StreamGroup[];
	/** Of each stream by its number; none unless given. Of the load from Node only. */
	readonly zone?: ((id: number) => string) | undefined;
	/** Of each stream by its number; in clear unless given. Of the load from Node only. */
	readonly tls?: ((id: number) => H2StreamTls) | undefined;
	/** How many connect at a time; 50 unless given. Of the load from Node only. */
	readonly atOnce?: number | undefined;
	/** Whether who is turned away before its first answer tries again after a second, as clients do. Of the load from Node only. */
	readonly patient?: boolean | undefined;
	/** Within so long all must be answered, in milliseconds; 30 s unless given. Of the load from Node only. */
	readonly limitMs?: number | undefined;
}

/** What came to all streams. */
export interface Counts {
	readonly messages: number;
	readonly resources: number;
	readonly bytes: number;
}

/** Many streams on connections of their own, which ACK whatever comes. */
export interface Load extends AsyncDisposable {
	/** The first answer of each group. */
	readonly initial: ReadonlyMap<number, readonly Buffer[]>;
	/** The newest push of each group. */
	readonly pushes: ReadonlyMap<number, Buffer>;
	/** Makes a change and waits until all streams of the group have one push. The change gives its `performance.now()`. */
	arrival(group: number, change: () => number | Promise<number>): Promise<Arrival>;
	/** What it has cost so far. */
	cpuMicros(): number;
	/** What came since the last count, where it counts. */
	count?(): Promise<Counts>;
	/** Closes all streams, waits for what is given, and opens them again with the versions they have, where it can. */
	reconnect?(meanwhile: () => Promise<void>): Promise<void>;
}
