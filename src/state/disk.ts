import fs from "node:fs";
import { dirname } from "node:path";

/** A file that is being written. */
export interface DiskFile {
	writeFile(text: string): Promise<void>;
	utimes(accessed: Date, modified: Date): Promise<void>;
	/** What was written outlives a power cut from now on; under which name is not said. */
	sync(): Promise<void>;
	close(): Promise<void>;
}

/** What the state asks of a file system: these calls of node:fs. A test has others, which forget what was not synced. */
export interface Disk {
	mkdirSync(path: string, options: { readonly recursive: true; readonly mode: number }): string | undefined;
	readdirSync(path: string): string[];
	readFileSync(path: string, encoding: "utf8"): string;
	writeFileSync(path: string, text: string): void;
	statSync(
		path: string,
		options: { readonly throwIfNoEntry: false },
	): { readonly mtimeMs: number; readonly mtime: Date } | undefined;
	linkSync(from: string, to: string): void;
	renameSync(from: string, to: string): void;
	unlinkSync(path: string): void;
	readonly promises: {
		open(path: string, flags: "w" | "a" | "r", mode?: number): Promise<DiskFile>;
		rename(from: string, to: string): Promise<void>;
		rm(path: string, options: { readonly force: true }): Promise<void>;
	};
}

/** The file system of the machine. */
export const MACHINE: Disk = fs;

/** Makes the names in a directory outlive a power cut, but where it may be made in and not read: nobody can sync those. */
export async function syncParent(disk: Disk, path: string): Promise<void> {
	try {
		const directory = await disk.promises.open(path, "r");
		try {
			await directory.sync();
		} finally {
			await directory.close();
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
