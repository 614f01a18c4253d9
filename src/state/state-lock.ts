import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { FingerpostError } from "../util/errors.js";
import type { Disk } from "./disk.js";

interface Holder {
	readonly pid: number;
	/** When the process began, as the kernel counts; a pid is used again. Undefined where that cannot be read. */
	readonly began?: string | undefined;
	readonly host: string;
}

/** A holder on another host, or in another container, counts as alive until so long after it last said so. */
const SILENT_MS = 30_000;

/** Holds a directory for this process alone. */
export class StateLock {
	readonly #path: string;
	readonly #text: string;
	readonly #disk: Disk;

	private constructor(path: string, text: string, disk: Disk) {
		this.#path = path;
		this.#text = text;
		this.#disk = disk;
	}

	/**
	 * @param aliveFile whose time of change says when the holder was alive last.
	 * @throws FingerpostError STATE_IN_USE if another process holds it; what the file system says.
	 */
	static acquire(directory: string, aliveFile: string, disk: Disk): StateLock {
		const path = join(directory, "lock");
		const holder: Holder = { pid: process.pid, began: beginningOf(process.pid), host: hostname() };
		const text = JSON.stringify(holder);
		const own = join(directory, `lock.${process.pid}.tmp`);
		disk.writeFileSync(own, text);
		try {
			for (let attempt = 0; attempt < 5; attempt++) {
				try {
					// Unlike a rename it never replaces another's.
					disk.linkSync(own, path);
					return new StateLock(path, text, disk);
				} catch (error) {
					if (codeOf(error) !== "EEXIST") throw error;
				}
				takeAway(path, directory, aliveFile, disk);
			}
		} finally {
			disk.unlinkSync(own);
		}
		throw inUse(directory, "another process");
	}

	/** Others may have it. */
	release(): void {
		if (readIfThere(this.#path, this.#disk) === this.#text) this.#disk.unlinkSync(this.#path);
	}
}

/** Takes away the lock of a process that has died. @throws FingerpostError if it lives. */
function takeAway(path: string, directory: string, aliveFile: string, disk: Disk): void {
	const text = readIfThere(path, disk);
	if (text === undefined) return;
	const holder = holderOf(text);
	if (holder && isAlive(holder, aliveFile, disk)) {
		throw inUse(directory, `the process ${holder.pid} on ${holder.host}`);
	}
	const aside = `${path}.${process.pid}.old`;
	try {
		disk.renameSync(path, aside);
	} catch (error) {
		if (codeOf(error) === "ENOENT") return;
		throw error;
	}
	const taken = readIfThere(aside, disk);
	// Another process was quicker: it is its lock that was taken.
	if (taken !== text) {
		disk.linkSync(aside, path);
		disk.unlinkSync(aside);
		throw inUse(directory, "another process");
	}
	disk.unlinkSync(aside);
}

function isAlive({ pid, began, host }: Holder, aliveFile: string, disk: Disk): boolean {
	if (host !== hostname()) {
		const at = disk.statSync(aliveFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
		return Date.now() - at < SILENT_MS;
	}
	try {
		process.kill(pid, 0);
	} catch (error) {
		if (codeOf(error) === "ESRCH") return false;
	}
	const now = beginningOf(pid);
	return began === undefined || now === undefined || began === now;
}

/** With the machine's own start: both count anew after it. */
function beginningOf(pid: number): string | undefined {
	try {
		const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		// The name, in parentheses, may have blanks and parentheses itself.
		return `${boot} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
	} catch {
		return undefined;
	}
}

function holderOf(text: string): Holder | undefined {
	try {
		const { pid, began, host } = JSON.parse(text) as Holder;
		return Number.isInteger(pid) && pid > 0 ? { pid, began, host } : undefined;
	} catch {
		return undefined;
	}
}

function readIfThere(path: string, disk: Disk): string | undefined {
	try {
		return disk.readFileSync(path, "utf8");
	} catch (error) {
		if (codeOf(error) === "ENOENT") return undefined;
		throw error;
	}
}

function codeOf(error: unknown): string | undefined {
	return (error as NodeJS.ErrnoException).code;
}

function inUse(directory: string, who: string): FingerpostError {
	return new FingerpostError(
		"STATE_IN_USE",
		`the state directory ${directory} is in use by ${who}; give each Fingerpost a state.directory of its own`,
	);
}
