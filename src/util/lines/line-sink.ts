import { constants, fstatSync, openSync, write } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { within } from "../within.js";

/** Writes what it can of the bytes. @returns how many that were; 0 where there is no room at present. */
export type Output = (bytes: Buffer) => Promise<number>;

export interface LineSinkOptions {
	/** Bytes of lines that may wait; 1 MB unless given. */
	readonly maxBytes?: number;
	/** Told how many lines were dropped, and why the output did not take them, once it takes lines again. */
	readonly onRecovered?: (dropped: number, why: string) => void;
}

const MAX_BYTES = 1_000_000;
/** As much as is written at once. */
const CHUNK_BYTES = 64 * 1024;
/** Between two attempts, milliseconds: doubled from the first to the last. */
const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 1_000;
/** A write that takes longer than this at the end, beyond its limit, hangs: milliseconds. */
const HANG_MS = 250;
const FULL = "it was not read";

/**
 * Lines on their way to a file, pipe or terminal that may be full, hang or be broken. Writing never waits and never
 * fails: what cannot be written waits up to a limit, is tried again, and the rest is dropped and counted.
 */
export class LineSink {
	readonly #output: Output;
	readonly #maxBytes: number;
	readonly #onRecovered: LineSinkOptions["onRecovered"];
	#waiting: Buffer[] = [];
	#bytes = 0;
	#dropped = 0;
	/** Of the dropped ones those that nobody was told of. */
	#untold = 0;
	#why = FULL;
	#writing: Promise<void> | undefined;
	#inFlight: Promise<number> | undefined;
	readonly #end = new AbortController();

	constructor(output: Output, { maxBytes = MAX_BYTES, onRecovered }: LineSinkOptions = {}) {
		this.#output = output;
		this.#maxBytes = maxBytes;
		this.#onRecovered = onRecovered;
	}

	/** How many lines were dropped since the start. */
	get dropped(): number {
		return this.#dropped;
	}

	/** @param line with its line end. */
	write(line: string): void {
		const bytes = Buffer.from(line);
		// Once a line is dropped, the next ones are, too, until all that waits is written: there is one gap, told at its place.
		if (this.#untold > 0 || this.#bytes + bytes.length > this.#maxBytes) {
			this.#dropped++;
			this.#untold++;
			return;
		}
		this.#waiting.push(bytes);
		this.#bytes += bytes.length;
		this.#writing ??= this.#writeAll();
	}

	/**
	 * Waits until all lines are written, at most so many milliseconds, and begins no write any more after that.
	 * @returns false if a write hangs: Node does not end in order while that is so.
	 */
	async end(limit: number): Promise<boolean> {
		await within(limit, this.#writing);
		this.#end.abort();
		return within(HANG_MS, this.#inFlight);
	}

	async #writeAll(): Promise<void> {
		// The lines of this turn go out together.
		await Promise.resolve();
		while (this.#waiting.length > 0 && !this.#end.signal.aborted) {
			const chunk = this.#take();
			await this.#writeChunk(chunk);
			this.#bytes -= chunk.length;
			if (this.#waiting.length === 0 && this.#untold > 0) this.#tell();
		}
		this.#writing = undefined;
	}

	#take(): Buffer {
		let [count, bytes] = [0, 0];
		for (const line of this.#waiting) {
			if (count > 0 && bytes + line.length > CHUNK_BYTES) break;
			count++;
			bytes += line.length;
		}
		return Buffer.concat(this.#waiting.splice(0, count), bytes);
	}

	async #writeChunk(chunk: Buffer): Promise<void> {
		let retry = FIRST_RETRY_MS;
		for (let done = 0; done < chunk.length && !this.#end.signal.aborted; ) {
			const written = await this.#attempt(chunk.subarray(done));
			done += written;
			if (written > 0) {
				retry = FIRST_RETRY_MS;
				continue;
			}
			// Nothing that waits to be logged keeps the process from ending.
			await delay(retry, undefined, { ref: false });
			retry = Math.min(retry * 2, LAST_RETRY_MS);
		}
	}

	async #attempt(bytes: Buffer): Promise<number> {
		this.#inFlight = this.#output(bytes);
		try {
			const written = await this.#inFlight;
			if (written === 0) this.#why = FULL;
			return written;
		} catch (error) {
			this.#why = (error as Error).message;
			return 0;
		} finally {
			this.#inFlight = undefined;
		}
	}

	#tell(): void {
		const count = this.#untold;
		this.#untold = 0;
		this.#onRecovered?.(count, this.#why);
	}
}

/**
 * Writes to an open file, pipe, socket or terminal without ever blocking the event loop: in a thread of Node's, and a
 * pipe or terminal by an opening of its own that does not block, so that not even the thread hangs. The opening is its
 * own because others who share the one that was inherited, such as a child process, can make that block again.
 */
export function descriptorOutput(inherited: number): Output {
	const fd = unblocked(inherited) ?? inherited;
	return (bytes) =>
		new Promise((resolve, reject) => {
			write(fd, bytes, (error, written) => {
				if (!error) resolve(written);
				else if (error.code === "EAGAIN") resolve(0);
				else reject(error);
			});
		});
}

/** Undefined for files, whose place to write at is shared, and for what may not or cannot be opened again. */
function unblocked(fd: number): number | undefined {
	try {
		const stats = fstatSync(fd);
		if (!stats.isFIFO() && !stats.isCharacterDevice()) return undefined;
		return openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	} catch {
		return undefined;
	}
}
