import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { fileStamp, isMissing, readTextFile } from "../../../src/util/files/read-text-file.js";
import { tempFolder } from "../temp-folder.js";

describe("reading a text file", () => {
	it("gives its text without the byte order mark, and when it was modified", async () => {
		await using folder = await tempFolder();
		const path = folder.file("a");
		await writeFile(path, "\uFEFFé\r\n");
		await utimes(path, 1_000, 2_000);
		expect(await readTextFile(path)).toMatchObject({ content: "é\r\n", modifiedAt: new Date(2_000_000) });
	});

	it("gives no stamp right after a write, as another in the same tick could not be told from it", async () => {
		await using folder = await tempFolder();
		await writeFile(folder.file("a"), "x");
		expect((await readTextFile(folder.file("a"))).stamp).toBeUndefined();
	});

	it("stamps a file that has rested the same as a look at it does", async () => {
		await using folder = await tempFolder();
		const path = folder.file("rested");
		await writeFile(path, "text");
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
		onTestFinished(() => {
			vi.useRealTimers();
		});
		const { stamp } = await readTextFile(path);
		expect(stamp).toBeDefined();
		expect(await fileStamp(path)).toBe(stamp);
	});

	it("says that a file does not exist", async () => {
		await using folder = await tempFolder();
		const error: unknown = await readTextFile(folder.file("none")).catch((e: unknown) => e);
		expect(error).toMatchObject({ message: `${folder.file("none")} does not exist`, code: "ENOENT" });
		expect(isMissing(error)).toBe(true);
	});

	it("refuses a folder, a pipe, bytes that are no UTF-8 and more than 16 MiB, or than it may be", async () => {
		await using folder = await tempFolder();
		await mkdir(folder.file("folder"));
		await expect(readTextFile(folder.file("folder"))).rejects.toThrow("is not a file");
		await promisify(execFile)("mkfifo", [folder.file("pipe")]);
		await expect(readTextFile(folder.file("pipe"))).rejects.toThrow("is not a file");
		await writeFile(folder.file("bytes"), Uint8Array.of(0x61, 0xff));
		await expect(readTextFile(folder.file("bytes"))).rejects.toThrow("is not UTF-8");
		await writeFile(folder.file("large"), "");
		// Sparse: it takes no space.
		await truncate(folder.file("large"), 16 * 1024 * 1024 + 1);
		await expect(readTextFile(folder.file("large"))).rejects.toThrow("larger than 16 MiB");
		await expect(readTextFile(folder.file("large"), { maxBytes: 1_000 })).rejects.toThrow("larger than 1000 bytes");
	});

	it("refuses a socket, which cannot even be opened", async () => {
		await using folder = await tempFolder();
		const server = createServer().listen(folder.file("socket"));
		await once(server, "listening");
		await expect(readTextFile(folder.file("socket"))).rejects.toThrow("is not a file");
		server.close();
	});

	it.runIf(process.platform === "linux")("reads a file that says nothing of its size", async () => {
		expect((await readTextFile("/proc/self/limits")).content).toMatch(/^Limit.*\n(.*\n)+$/);
		await expect(readTextFile("/proc/self/limits", { maxBytes: 100 })).rejects.toThrow("larger than 100 bytes");
	});

	it("says that a file may not be read", async () => {
		await using folder = await tempFolder();
		await writeFile(folder.file("a"), "x");
		await chmod(folder.file("a"), 0);
		const read = readTextFile(folder.file("a"));
		// The superuser may read everything.
		if (process.getuid?.() === 0) expect((await read).content).toBe("x");
		else await expect(read).rejects.toThrow("permission denied");
	});
});
