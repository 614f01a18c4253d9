import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const MIB = 1024 * 1024;

export interface ReadTextFileOptions {
	/** The largest file that is read, in bytes; 16 MiB. */
	readonly maxBytes?: number | undefined;
	readonly signal?: AbortSignal | undefined;
}

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
export async function readTextFile(path: string, options: ReadTextFileOptions = {}): Promise<TextFile> {
	const { maxBytes = 16 * MIB, signal } = options;
	for (let attempt = 1; ; attempt++) {
		signal?.throwIfAborted();
		const file = await readOnce(path, maxBytes);
		if (file) return file;
		if (attempt === ATTEMPTS) throw new Error(`${path} is written to all the time; replace it by a rename instead`);
		await sleep(BETWEEN_ATTEMPTS_MS, undefined, { signal });
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

async function readOnce(path: string, maxBytes: number): Promise<TextFile | undefined> {
	const handle = await open(path, AT_ONCE).catch((error: unknown) => refuseToOpen(path, error));
	try {
		const before = await handle.stat({ bigint: true });
		if (!before.isFile()) throw new Error(`${path} is not a file`);
		if (before.size > maxBytes) throw tooLarge(path, maxBytes);
		const bytes = await readBytes(handle, Number(before.size), maxBytes);
		if (!bytes) throw tooLarge(path, maxBytes);
		const after = await handle.stat({ bigint: true });
		if (stampOf(before) !== stampOf(after)) return undefined;
		const written = Math.max(Number(after.mtimeMs), Number(after.ctimeMs));
		const settled = Date.now() - written > CLOCK_STEP_MS;
		return { content: decode(path, bytes), modifiedAt: after.mtime, stamp: settled ? stampOf(after) : undefined };
	} finally {
		await handle.close();
	}
}

function tooLarge(path: string, maxBytes: number): Error {
	const limit = maxBytes % MIB === 0 ? `${maxBytes / MIB} MiB` : `${maxBytes} bytes`;
	return new Error(`${path} is larger than ${limit}, the most that is read of it`);
}

/**
 * So many bytes, or less where the file ends; of a file that says nothing of its size (as in /proc), all. Undefined
 * where those are too many.
 */
async function readBytes(handle: FileHandle, size: number, maxBytes: number): Promise<Uint8Array | undefined> {
	if (size === 0) return readToEnd(handle, maxBytes);
	const bytes = Buffer.allocUnsafe(size);
	let length = 0;
	for (let read = -1; length < size && read !== 0; length += read) {
		read = (await handle.read(bytes, length, size - length, length)).bytesRead;
	}
	return bytes.subarray(0, length);
}

async function readToEnd(handle: FileHandle, maxBytes: number): Promise<Uint8Array | undefined> {
	const chunks: Uint8Array[] = [];
	let total = 0;
	for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>) {
		total += chunk.length;
		if (total > maxBytes) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
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
				? "cannot be read: permission denied"
				: `cannot be read: ${message}`;
	throw Object.assign(new Error(`${path} ${reason}`, { cause }), { code });
}
