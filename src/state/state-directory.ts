import { join, resolve } from "node:path";
import { type Disk, MACHINE, parentsOf, syncNames } from "./disk.js";
import { StateLock } from "./state-lock.js";

/** How often the process says that it lives. */
export const ALIVE_MS = 10_000;

/** A directory that one process holds, and what makes the names in it outlive a power cut. */
export class StateDirectory {
	readonly path: string;
	readonly disk: Disk;
	readonly #alive: string;
	#lock: StateLock | undefined;
	/** Directories in which one was made. */
	readonly #unsynced = new Set<string>();

	constructor(path: string, disk = MACHINE) {
		this.path = resolve(path);
		this.disk = disk;
		this.#alive = join(this.path, "alive");
	}

	get isLocked(): boolean {
		return this.#lock !== undefined;
	}

	/**
	 * Makes the directory and holds it for this process. Nothing may be written before.
	 * @throws FingerpostError STATE_IN_USE; what the file system says.
	 */
	lock(): void {
		const made = this.disk.mkdirSync(this.path, { recursive: true, mode: 0o700 });
		for (const parent of parentsOf(this.path, made)) this.#unsynced.add(parent);
		this.#lock ??= StateLock.acquire(this.path, this.#alive, this.disk);
	}

	/** Says that the process lives: what its sources said is confirmed until then. */
	async touch(now = new Date()): Promise<void> {
		const file = await this.disk.promises.open(this.#alive, "a", 0o600);
		try {
			await file.utimes(now, now);
			await file.sync();
		} finally {
			file.close();
		}
	}

	/** Until when the last process heard of its sources. It said so now and then, and lived on after the last time. */
	lastHeard(file: string): Date {
		const at = this.disk.statSync(this.#alive, { throwIfNoEntry: false })?.mtimeMs;
		if (at !== undefined) return new Date(Math.min(Date.now(), at + ALIVE_MS));
		return this.disk.statSync(join(this.path, file), { throwIfNoEntry: false })?.mtime ?? new Date();
	}

	unlock(): void {
		this.#lock?.release();
		this.#lock = undefined;
	}

	/** Gives a file another name, by which nobody reads it. */
	setAside(file: string): void {
		try {
			this.disk.renameSync(join(this.path, file), join(this.path, `${file}.damaged`));
		} catch {
			// It was told that it cannot be used; more than leaving it cannot be done.
		}
	}

	async remove(file: string): Promise<void> {
		await this.disk.promises.rm(join(this.path, file), { force: true });
	}

	/** Makes the names in the directory outlive a power cut. */
	async sync(): Promise<void> {
		for (const each of [this.path, ...this.#unsynced]) {
			await syncNames(this.disk, each);
			this.#unsynced.delete(each);
		}
	}
}
