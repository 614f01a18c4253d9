import { createHash } from "node:crypto";
import {
	closeSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	utimesSync,
} from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SavedService } from "../catalog/keep/saved.js";
import { messageOf } from "../util/errors.js";
import type { Steps } from "../util/steps.js";
import { DamagedState, decodeState } from "./state-format.js";
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
	readonly #alive: string;
	#lock: StateLock | undefined;

	constructor(path: string) {
		this.path = path;
		this.#alive = join(path, "alive");
	}

	get isLocked(): boolean {
		return this.#lock !== undefined;
	}

	/**
	 * Makes the directory and holds it for this process. Nothing may be written before.
	 * @throws FingerpostError STATE_IN_USE; what the file system says.
	 */
	lock(): void {
		mkdirSync(this.path, { recursive: true, mode: 0o700 });
		this.#lock ??= StateLock.acquire(this.path, this.#alive);
	}

	/** Says that the process lives: what its sources said is confirmed until then. */
	touch(now = new Date()): void {
		closeSync(openSync(this.#alive, "a"));
		utimesSync(this.#alive, now, now);
	}

	unlock(): void {
		this.#lock?.release();
		this.#lock = undefined;
	}

	/**
	 * What the last process left. A file that cannot be used is set aside, if it can be.
	 * @param told of each of those.
	 * @throws what the file system says of the directory.
	 */
	*load(told: (file: SetAside) => void): Steps<readonly SavedService[]> {
		const services: SavedService[] = [];
		const at = statSync(this.#alive, { throwIfNoEntry: false })?.mtimeMs;
		// It says so now and then, and lived on after the last time.
		const lastHeard = at === undefined ? undefined : new Date(Math.min(Date.now(), at + ALIVE_MS));
		for (const file of readdirSync(this.path)) {
			const path = join(this.path, file);
			if (file.endsWith(".tmp") && !file.startsWith("lock.") && this.isLocked) rmSync(path, { force: true });
			if (!file.endsWith(END)) continue;
			try {
				const heard = lastHeard ?? statSync(path).mtime;
				const service = yield* decodeState(readFileSync(path, "utf8"), heard);
				if (fileOf(service.name) !== file) throw new DamagedState(`it is the file of another service, ${service.name}`);
				services.push(service);
			} catch (error) {
				told({ file, reason: messageOf(error) });
				if (this.isLocked) setAside(path);
			}
			yield;
		}
		return services;
	}

	/** Replaces a service's file: whatever happens, it is the old one or the new one. */
	async write(name: string, text: string): Promise<void> {
		const path = join(this.path, fileOf(name));
		const temporary = `${path}.tmp`;
		const file = await open(temporary, "w", 0o600);
		try {
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	}

	async remove(name: string): Promise<void> {
		await rm(join(this.path, fileOf(name)), { force: true });
	}

	/** Makes the names of what was written, and not only its contents, outlive a power cut. */
	async sync(): Promise<void> {
		const directory = await open(this.path, "r");
		try {
			await directory.sync();
		} finally {
			await directory.close();
		}
	}
}

function fileOf(name: string): string {
	return `${createHash("sha256").update(name).digest("hex").slice(0, 32)}${END}`;
}

function setAside(path: string): void {
	try {
		renameSync(path, `${path}.damaged`);
	} catch {
		// It was told that it cannot be used; more than leaving it cannot be done.
	}
}
