import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { tempFolder } from "../util/temp-folder.js";
import { MAIN, runProgram } from "./run-program.js";

const { O_NONBLOCK, O_RDWR } = constants;

describe("what a command writes", () => {
	it.each([["version"], ["validate", "--json-schema"], ["bootstrap", "envoy"], ["--help"]])(
		"%s says in one line that stdout is full, exit code 1",
		async (...args) => {
			const full = openSync("/dev/full", "w");
			const child = new Child(process.execPath, [MAIN, ...args], { stdio: ["ignore", full, "pipe"] });
			closeSync(full);
			expect(await child.exited).toEqual({ code: 1, signal: null });
			expect(child.stderr).toEqual([expect.stringMatching(/^error: cannot write to stdout: .*no space left/)]);
		},
	);

	it("keeps its exit code where stderr is full", async () => {
		const full = openSync("/dev/full", "w");
		const child = new Child(process.execPath, [MAIN, "validate", "/nonexistent"], { stdio: ["ignore", "pipe", full] });
		closeSync(full);
		expect(await child.exited).toEqual({ code: 1, signal: null });
	});

	it.each([
		[["serve", "-c", "/nonexistent"], 1],
		[["nonsense"], 2],
	] as const)("%j ends although nobody reads its stderr", async (args, code) => {
		await using folder = await tempFolder();
		const [reader, writer] = fullPipe(folder.file("pipe"));
		await using child = new Child(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", writer] });
		expect(await child.exited).toEqual({ code, signal: null });
		for (const fd of [reader, writer]) closeSync(fd);
	});

	it("writes nothing to a terminal that this would obey, whatever a server or a target says", async () => {
		const evil = "\u001b]0;evil\u0007\u009b2J";
		await using server = createServer((_, response) => response.writeHead(500).end(evil)).listen(0, "127.0.0.1");
		await once(server, "listening");
		const { port } = server.address() as AddressInfo;
		for (const args of [
			["services", "--admin", `127.0.0.1:${port}`],
			["health", "--admin", `127.0.0.1:${port}`],
			["discover", `file:///nowhere/${evil}`],
			["validate", evil],
			[evil],
		]) {
			const { stdout, stderr } = await runProgram(args);
			expect(stderr).toContain("u001b]0;evil");
			// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
			expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
		}
	});

	it("does not mind that nobody reads its output", async () => {
		const child = new Child(process.execPath, [MAIN, "validate", "--json-schema"]);
		child.process.stdout?.destroy();
		expect([await child.exited, child.stderr]).toEqual([{ code: 0, signal: null }, []]);
	});
});

/** Both ends of a pipe into which nothing fits. */
function fullPipe(path: string): [number, number] {
	expect(spawnSync("mkfifo", [path]).status).toBe(0);
	const ends: [number, number] = [openSync(path, O_RDWR | O_NONBLOCK), openSync(path, "w")];
	const part = Buffer.alloc(64 * 1_024);
	for (const size of [part.length, 1]) {
		for (let room = true; room; ) {
			try {
				writeSync(ends[0], part.subarray(0, size));
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
				room = false;
			}
		}
	}
	return ends;
}
