import { appendFile, mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PATIENCE } from "../../../lab/patience.js";
import { type WatchFileOptions, watchFile } from "../../../src/util/files/watch-file.js";
import { abortable, tempFolder } from "../temp-folder.js";

/** So long that no poll helps a test: what is seen is seen by events. */
const EVENTS_ONLY = { poll: 3_600_000 };
const SOON = { timeout: PATIENCE, interval: 5 };

let folder: Awaited<ReturnType<typeof tempFolder>>;
let owner: ReturnType<typeof abortable>;
beforeEach(async () => {
	folder = await tempFolder();
	owner = abortable();
});
afterEach(async () => {
	owner.abort();
	await folder[Symbol.asyncDispose]();
});

/** What was told so far: texts, and errors as `!message`. */
function watched(path: string, options: Partial<WatchFileOptions> = EVENTS_ONLY) {
	const told: string[] = [];
	const observer = {
		changed: ({ content }: { content: string }) => {
			told.push(content);
		},
		failed: (error: Error) => told.push(`!${error.message}`),
		blind: (error: Error | undefined) => told.push(`?${error?.message}`),
	};
	watchFile(path, observer, { signal: owner.signal, ...options });
	return { told, until: (last: string) => vi.waitFor(() => expect(told.at(-1)).toBe(last), SOON) };
}

describe("watching a file", () => {
	it("tells its text first, then each new one", async () => {
		const path = folder.file("a");
		await writeFile(path, "1");
		const { told, until } = watched(path);
		await until("1");
		await writeFile(path, "2");
		await until("2");
		await appendFile(path, "3");
		await until("23");
		expect(told).toEqual(["1", "2", "23"]);
	});

	it("tells the next text when the last one has been dealt with", async () => {
		const path = folder.file("a");
		await writeFile(path, "1");
		const told: string[] = [];
		const { promise, resolve } = Promise.withResolvers<void>();
		const observer = {
			changed: async ({ content }: { content: string }) => {
				told.push(content);
				if (content === "1") await promise;
				told.push(`${content} done`);
			},
			failed: (error: Error) => {
				told.push(`!${error.message}`);
			},
		};
		watchFile(path, observer, { signal: owner.signal, ...EVENTS_ONLY });
		await vi.waitFor(() => expect(told).toEqual(["1"]), SOON);
		const { told: others, until } = watched(path);
		await writeFile(path, "2");
		// By now the event has come.
		await until("2");
		expect(others.length).toBeGreaterThan(0);
		resolve();
		await vi.waitFor(() => expect(told).toEqual(["1", "1 done", "2", "2 done"]), SOON);
	});

	it("sees a rename over it, again and again", async () => {
		const path = folder.file("a");
		await writeFile(path, "0");
		const { told, until } = watched(path);
		await until("0");
		for (const text of ["1", "2", "3"]) {
			await writeFile(folder.file("new"), text);
			await rename(folder.file("new"), path);
			await until(text);
		}
		expect(told).toEqual(["0", "1", "2", "3"]);
	});

	it("sees the swap of a ConfigMap's ..data link", async () => {
		await mkdir(folder.file("..1"));
		await mkdir(folder.file("..2"));
		await writeFile(folder.file("..1/a"), "1");
		await writeFile(folder.file("..2/a"), "2");
		await symlink("..1", folder.file("..data"));
		await symlink("..data/a", folder.file("a"));
		const { told, until } = watched(folder.file("a"));
		await until("1");
		await symlink("..2", folder.file("..data_tmp"));
		await rename(folder.file("..data_tmp"), folder.file("..data"));
		await rm(folder.file("..1"), { recursive: true });
		await until("2");
		await writeFile(folder.file("..2/a"), "3");
		await until("3");
		expect(told).toEqual(["1", "2", "3"]);
	});

	it("sees a rewrite of the file that a link in another folder leads to", async () => {
		await mkdir(folder.file("real"));
		await mkdir(folder.file("links"));
		await writeFile(folder.file("real/a"), "1");
		await symlink("../real/a", folder.file("links/b"));
		const { until } = watched(folder.file("links/b"));
		await until("1");
		await writeFile(folder.file("real/a"), "2");
		await until("2");
	});

	it("tells that it is gone once, and its return even with the same text", async () => {
		const path = folder.file("a");
		await writeFile(path, "1");
		const { told, until } = watched(path);
		await until("1");
		await unlink(path);
		await until(`!${path} does not exist`);
		await writeFile(folder.file("other"), "x");
		await writeFile(path, "1");
		await until("1");
		expect(told).toEqual(["1", `!${path} does not exist`, "1"]);
	});

	it("sees a file in a folder that appears later, is deleted and appears again", async () => {
		const path = folder.file("deep/er/a");
		const { until } = watched(path);
		await until(`!${path} does not exist`);
		for (const text of ["1", "2", "3"]) {
			await mkdir(folder.file("deep/er"), { recursive: true });
			await writeFile(path, text);
			await until(text);
			await rm(folder.file("deep"), { recursive: true });
			await until(`!${path} does not exist`);
		}
	});

	it("sees a folder that is replaced at once by another", async () => {
		await mkdir(folder.file("one"));
		await mkdir(folder.file("two"));
		await writeFile(folder.file("one/a"), "1");
		await writeFile(folder.file("two/a"), "2");
		const { until } = watched(folder.file("one/a"));
		await until("1");
		await rename(folder.file("one"), folder.file("old"));
		await rename(folder.file("two"), folder.file("one"));
		await until("2");
		await writeFile(folder.file("one/a"), "3");
		await until("3");
	});

	it("tells only the last of many writes in a row, and does not wait for their end", async () => {
		const path = folder.file("a");
		await writeFile(path, "start");
		const { told, until } = watched(path, { ...EVENTS_ONLY, quiet: 1_000, atMost: 2_000 });
		await until("start");
		let writes = 0;
		// It writes without a pause until something is told: without a maximum that would never be.
		const deadline = performance.now() + PATIENCE;
		while (told.length < 2 && performance.now() < deadline) await writeFile(path, `${++writes}`);
		expect(told).toHaveLength(2);
		expect(writes).toBeGreaterThan(10);
		await writeFile(path, "end");
		await until("end");
		expect(told.length).toBeLessThan(6);
	});

	it("does not tell the text that is known already", async () => {
		const path = folder.file("a");
		await writeFile(path, "1");
		let asked = 0;
		const known = (content: string) => {
			asked++;
			return content === "1";
		};
		const { told, until } = watched(path, { ...EVENTS_ONLY, known });
		await vi.waitFor(() => expect(asked).toBeGreaterThan(0), SOON);
		await writeFile(path, "2");
		await until("2");
		await writeFile(path, "1");
		await until("1");
		expect(told).toEqual(["2", "1"]);
	});

	it("sees by looking what no event tells of", async () => {
		// Two links one after the other: the second one's folder is not watched.
		for (const name of ["first", "second", "real"]) await mkdir(folder.file(name));
		await writeFile(folder.file("real/a"), "1");
		await writeFile(folder.file("real/b"), "2");
		await symlink("../real/a", folder.file("second/l"));
		await symlink("../second/l", folder.file("first/l"));
		const { until } = watched(folder.file("first/l"), { poll: 20 });
		await until("1");
		await symlink("../real/b", folder.file("second/new"));
		await rename(folder.file("second/new"), folder.file("second/l"));
		await until("2");
	});

	it("tells nothing any more once its signal has fired", async () => {
		const path = folder.file("a");
		await writeFile(path, "1");
		const { told, until } = watched(path, { poll: 5 });
		await until("1");
		owner.abort();
		await writeFile(path, "2");
		// Another watch, started later, has seen the change: the first would have too.
		owner = abortable();
		await watched(path).until("2");
		expect(told).toEqual(["1"]);
	});
});
