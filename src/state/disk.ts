import fs from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** A file that is being written, or a directory. */
export interface DiskFile {
	/** @param at where it begins. */
	write(bytes: Uint8Array, at: number): Promise<void>;
	truncate(bytes: number): Promise<void>;
	utimes(accessed: Date, modified: Date): Promise<void>;
	/** What was written, and its dates, outlive a power cut from now on; of a directory, the names in it. */
	sync(): Promise<void>;
	/** Call it once what was written is synced, or given up. Never throws. */
	close(): void;
}

/** To write into a file that is there: what was written outlives a power cut once write() is done. */
export const SYNCED = fs.constants.O_WRONLY | fs.constants.O_DSYNC;

/** What the state asks of a file system: these calls of node:fs. A test has others, which forget what was not synced. */
export interface Disk {
	mkdirSync(path: string, options: { readonly recursive: true; readonly mode: number }): string | undefined;
	readdirSync(path: string): string[];
	readFileSync(path: string, encoding: "utf8"): string;
	readFileSync(path: string): Buffer;
	writeFileSync(path: string, text: string): void;
	statSync(
		path: string,
		options: { readonly throwIfNoEntry: false },
	): { readonly mtimeMs: number; readonly mtime: Date } | undefined;
	linkSync(from: string, to: string): void;
	renameSync(from: string, to: string): void;
	unlinkSync(path: string): void;
	readonly promises: {
		open(path: string, flags: "w" | "a" | "r" | typeof SYNCED, mode?: number): Promise<DiskFile>;
		rename(from: string, to: string): Promise<void>;
		rm(path: string, options: { readonly force: true }): Promise<void>;
	};
}

const calls = {
	open: promisify(fs.open),
	write: promisify(fs.write),
	futimes: promisify(fs.futimes),
	ftruncate: promisify(fs.ftruncate),
	fsync: promisify(fs.fsync),
};

/** A file descriptor: a FileHandle of Node takes half as much CPU again for the same calls. */
class MachineFile implements DiskFile {
	readonly #fd: number;

	constructor(fd: number) {
		this.#fd = fd;
	}

	async write(bytes: Uint8Array, at: number): Promise<void> {
		for (let done = 0; done < bytes.length; ) {
			done += (await calls.write(this.#fd, bytes, done, bytes.length - done, at + done)).bytesWritten;
		}
	}

	truncate(bytes: number): Promise<void> {
		return calls.ftruncate(this.#fd, bytes);
	}

	utimes(accessed: Date, modified: Date): Promise<void> {
		return calls.futimes(this.#fd, accessed, modified);
	}

	sync(): Promise<void> {
		return calls.fsync(this.#fd);
	}

	close(): void {
		try {
			// After a sync there is nothing left to wait for, and a thread of the pool costs more than the call.
			fs.closeSync(this.#fd);
		} catch {
			// What was synced is there.
		}
	}
}

/** The file system of the machine. */
export const MACHINE: Disk = {
	...{ mkdirSync: fs.mkdirSync, readdirSync: fs.readdirSync, readFileSync: fs.readFileSync },
	...{ writeFileSync: fs.writeFileSync, statSync: fs.statSync, linkSync: fs.linkSync },
	...{ renameSync: fs.renameSync, unlinkSync: fs.unlinkSync },
	promises: {
		open: async (path, flags, mode) => new MachineFile(await calls.open(path, flags, mode)),
		rename: fs.promises.rename,
		rm: fs.promises.rm,
	},
};

/** Makes the names in a directory outlive a power cut, but where it may be made in and not read: nobody can sync those. */
export async function syncNames(disk: Disk, path: string): Promise<void> {
	try {
		const directory = await disk.promises.open(path, "r");
		try {
			await directory.sync();
		} finally {
			directory.close();
		}
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
	}
}

/** The directories in which one was made, if this path was: from its own parent up to that of the first. */
export function parentsOf(path: string, firstMade: string | undefined): readonly string[] {
	const parents: string[] = [];
	for (let made = path; firstMade !== undefined && made.length >= firstMade.length; made = dirname(made)) {
		parents.push(dirname(made));
	}
	return parents;
}
