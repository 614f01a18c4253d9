import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** The largest file that is read: 256 MiB. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

const ATTEMPTS = 10;
const BETWEEN_ATTEMPTS_MS = 20;
/** More than the clock of any file system takes for a step, but for those that know only full two seconds. */
const CLOCK_STEP_MS = 2_000;

/** A pipe is opened without waiting for its writer, so that it can be seen that it is no file. */
const AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

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
	const handle = await open(path, AT_ONCE).catch((error: unknown) => refuseToOpen(path, error));
	try {
		const before = await handle.stat({ bigint: true });
		if (!before.isFile()) throw new Error(`${path} is not a file`);
		if (before.size > MAX_FILE_BYTES) throw new Error(`${path} is larger than 256 MiB`);
		const bytes = await readBytes(handle, Number(before.size));
		const after = await handle.stat({ bigint: true });
		if (stampOf(before) !== stampOf(after)) return undefined;
		const written = Math.max(Number(after.mtimeMs), Number(after.ctimeMs));
		const settled = Date.now() - written > CLOCK_STEP_MS;
		return { content: decode(path, bytes), modifiedAt: after.mtime, stamp: settled ? stampOf(after) : undefined };
	} finally {
		await handle.close();
	}
}

/** So many bytes, or less where the file ends; of a file that says nothing of its size, all. */
async function readBytes(handle: FileHandle, size: number): Promise<Uint8Array> {
	if (size === 0) return handle.readFile();
	const bytes = Buffer.allocUnsafe(size);
	let length = 0;
	for (let read = -1; length < size && read !== 0; length += read) {
		read = (await handle.read(bytes, length, size - length, length)).bytesRead;
	}
	return bytes.subarray(0, length);
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

async function refuseToOpen(path: string, cause: unknown): Promise<never> {
	const found = await stat(path).catch((error: unknown) => refuse(path, error));
	if (!found.isFile()) throw new Error(`${path} is not a file`);
	refuse(path, cause);
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
