import { readFile, writeFile } from "node:fs/promises";
import type { Change } from "./servers.js";
import type { Mode } from "./subscriber.js";

/** What Fingerpost's streams were sent, for the other servers to send or to make of. Bytes are base64 in the file. */
export interface Recording {
	readonly mode: Mode;
	/** The first answers by group. */
	readonly initial: Readonly<Record<string, readonly Buffer[]>>;
	/** The n-th change of each kind is pushed with the bytes at n % 2. */
	readonly pushes: Readonly<Partial<Record<Change, readonly Buffer[]>>>;
}

export async function writeRecording(path: string, { mode, initial, pushes }: Recording): Promise<void> {
	await writeFile(path, JSON.stringify({ mode, initial: encoded(initial), pushes: encoded(pushes) }));
}

export async function readRecording(path: string): Promise<Recording> {
	return JSON.parse(await readFile(path, "utf8"), (_, value) =>
		Array.isArray(value) ? value.map((base64) => Buffer.from(base64, "base64")) : value,
	);
}

function encoded(lists: Readonly<Record<string, readonly Buffer[]>>): Record<string, string[]> {
	return Object.fromEntries(
		Object.entries(lists).map(([key, list]) => [key, list.map((bytes) => bytes.toString("base64"))]),
	);
}
