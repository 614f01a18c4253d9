import { hash } from "node:crypto";
import { join, resolve } from "node:path";
import { messageOf } from "../util/errors.js";
import type { Steps } from "../util/steps.js";
import { type Disk, type DiskFile, MACHINE, parentsOf, syncParent } from "./disk.js";
import { DamagedState, type DecodedState, decodeState } from "./state-format.js";
import { StateLock } from "./state-lock.js";

const END = ".state";
/** How often the process says that it lives. */
export const ALIVE_MS = 10_000;

/** A file that could not be used, and why. */
export interface SetAside {
	readonly file: string;
	readonly reason: string;
}

/** The files of a state directory: one for each service, replaced as a whole. */
export class StateDirectory {
	readonly path: string;
	readonly #disk: Disk;
	readonly #alive: string;
	#lock: StateLock | undefined;
	/** The open directory, by which its names are synced: opening it for each change costs as much as syncing it. */
	#names: DiskFile | undefined;
	/** Directories in which one was made. */
	readonly #unsynced = new Set<string>();

	constructor(path: string, disk = MACHINE) {
		this.path = resolve(path);
		this.#disk = disk;
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
		const made = this.#disk.mkdirSync(this.path, { recursive: true, mode: 0o700 });
		for (const parent of parentsOf(this.path, made)) this.#unsynced.add(parent);
		if (made !== undefined) this.#closeNames();
		this.#lock ??= StateLock.acquire(this.path, this.#alive, this.#disk);
	}

	/** Says that the process lives: what its sources said is confirmed until then. */
	async touch(now = new Date()): Promise<void> {
		const file = await this.#disk.promises.open(this.#alive, "a", 0o600);
		try {
			await file.utimes(now, now);
			await file.sync();
		} finally {
			file.close();
		}
	}

	unlock(): void {
		this.#lock?.release();
		this.#lock = undefined;
		this.#closeNames();
	}

	/**
	 * What the last process left. A file that cannot be used is set aside, if it can be.
	 * @param told of each of those.
	 * @throws what the file system says of the directory.
	 */
	*load(told: (file: SetAside) => void): Steps<readonly DecodedState[]> {
		const services: DecodedState[] = [];
		const disk = this.#disk;
		const at = disk.statSync(this.#alive, { throwIfNoEntry: false })?.mtimeMs;
		// It says so now and then, and lived on after the last time.
		const lastHeard = at === undefined ? undefined : new Date(Math.min(Date.now(), at + ALIVE_MS));
		for (const file of disk.readdirSync(this.path)) {
			const path = join(this.path, file);
			if (file.endsWith(".tmp") && !file.startsWith("lock.") && this.isLocked) disk.unlinkSync(path);
			if (!file.endsWith(END)) continue;
			try {
				const heard = lastHeard ?? disk.statSync(path, { throwIfNoEntry: false })?.mtime ?? new Date();
				const decoded = yield* decodeState(disk.readFileSync(path, "utf8"), heard);
				const { name } = decoded.service;
				if (fileOf(name) !== file) throw new DamagedState(`it is the file of another service, ${name}`);
				services.push(decoded);
			} catch (error) {
				told({ file, reason: messageOf(error) });
				if (this.isLocked) setAside(path, disk);
			}
			yield;
		}
		return services;
	}

	/** Replaces a service's file: whatever happens, it is the old one or the new one. */
	async write(name: string, text: string): Promise<void> {
		const { open, rename } = this.#disk.promises;
		const path = join(this.path, fileOf(name));
		const temporary = `${path}.tmp`;
		const file = await open(temporary, "w", 0o600);
		try {
			await file.write(text);
			await file.datasync();
		} finally {
			file.close();
		}
		await rename(temporary, path);
	}

	async remove(name: string): Promise<void> {
		await this.#disk.promises.rm(join(this.path, fileOf(name)), { force: true });
	}

	/** Makes the names of what was written, and not only its contents, outlive a power cut. */
	async sync(): Promise<void> {
		this.#names ??= await this.#disk.promises.open(this.path, "r");
		try {
			await this.#names.sync();
		} catch (error) {
			this.#closeNames();
			throw error;
		} finally {
			// It was let go meanwhile.
			if (!this.isLocked) this.#closeNames();
		}
		for (const parent of [...this.#unsynced]) {
			await syncParent(this.#disk, parent);
			this.#unsynced.delete(parent);
		}
	}

	#closeNames(): void {
		// Nothing was written by it that could be lost.
		this.#names?.close();
		this.#names = undefined;
	}
}

function fileOf(name: string): string {
	return `${hash("sha256", name, "hex").slice(0, 32)}${END}`;
}

function setAside(path: string, disk: Disk): void {
	try {
		disk.renameSync(path, `${path}.damaged`);
	} catch {
		// It was told that it cannot be used; more than leaving it cannot be done.
	}
}
