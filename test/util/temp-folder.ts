import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of a test's own, removed at the end of its block. */
export async function tempFolder() {
	const path = await realpath(await mkdtemp(join(tmpdir(), "fingerpost-test-")));
	return {
		path,
		/** The path of a file in it. */
		file: (name: string) => join(path, name),
		[Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
	};
}

/** Holds an AbortController that is aborted at the end of its block. */
export function abortable() {
	const controller = new AbortController();
	return { signal: controller.signal, abort: () => controller.abort(), [Symbol.dispose]: () => controller.abort() };
}
