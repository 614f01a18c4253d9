import type { BigIntStats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** The largest file that is read: 256 MiB. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

const ATTEMPTS = 10;
const BETWEEN_ATTEMPTS_MS = 20;
/** More than the clock of any file system takes for a step, but for those that know only full two seconds. */
const CLOCK_STEP_MS = 2_000;

export interface TextFile {
	/** UTF-8 text, a byte order mark left out. */
	readonly content: string;
	readonly modifiedAt: Date;
	/**
	 * Differs once the file is written to or replaced; see fileStamp. Undefined if it was written so lately that the file
	 * system's clock might not tell the next write from the last.
	 */
	readonly stamp: string | undefined;
}

/**
 * The text of a file, never half of it: while it is written to, the read is tried again, for up to a quarter of a second.
 * @throws Error with a message for people; its `code` is the system's (`ENOENT`) if the system refused.
 */
export async function readTextFile(path: string, options?: { readonly signal?: AbortSignal }): Promise<TextFile> {
	for (let attempt = 1; ; attempt++) {
		options?.signal?.throwIfAborted();
		const file = await readOnce(path);
		if (file) return file;
		if (attempt === ATTEMPTS) throw new Error(`${path} is written to all the time; replace it by a rename instead`);
		await sleep(BETWEEN_ATTEMPTS_MS, undefined, { signal: options?.signal });
	}
}

/** The file's stamp, without reading it. @throws as readTextFile */
export async function fileStamp(path: string): Promise<string> {
	return stampOf(await stat(path, { bigint: true }).catch((error: unknown) => refuse(path, error)));
}

/** Whether the error says that there is no such file. */
export function isMissing(error: unknown): boolean {
	const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
	return code === "ENOENT" || code === "ENOTDIR";
}

async function readOnce(path: string): Promise<TextFile | undefined> {
	// Before it is opened: to open a pipe would wait for its writer.
	const found = await stat(path, { bigint: true }).catch((error: unknown) => refuse(path, error));
	if (!found.isFile()) throw new Error(`${path} is not a file`);
	const handle = await open(path, "r").catch((error: unknown) => refuse(path, error));
	try {
		const before = await handle.stat({ bigint: true });
		if (before.size > MAX_FILE_BYTES) throw new Error(`${path} is larger than 256 MiB`);
		const bytes = await handle.readFile();
		const after = await handle.stat({ bigint: true });
		if (stampOf(before) !== stampOf(after)) return undefined;
		const written = Math.max(Number(after.mtimeMs), Number(after.ctimeMs));
		const settled = Date.now() - written > CLOCK_STEP_MS;
		return { content: decode(path, bytes), modifiedAt: after.mtime, stamp: settled ? stampOf(after) : undefined };
	} finally {
		await handle.close();
	}
}

function decode(path: string, bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new Error(`${path} is not UTF-8 text`, { cause });
	}
}

function stampOf(stats: BigIntStats): string {
	return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

function refuse(path: string, cause: unknown): never {
	const { code, message } = cause as NodeJS.ErrnoException;
	const reason =
		code === "ENOENT" || code === "ENOTDIR"
			? "does not exist"
			: code === "EACCES" || code === "EPERM"
				? "may not be read (permission denied)"
				: `cannot be read: ${message}`;
	throw Object.assign(new Error(`${path} ${reason}`, { cause }), { code });
}
