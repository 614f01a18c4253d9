import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { PATIENCE } from "../../lab/patience.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { tempFolder } from "../util/temp-folder.js";

// The log can vanish, the service cannot: what it is written to is full, hangs or breaks, at the start and later.

const FORMATS = ["json", "pretty"] as const;

/** Services whose change is a long line of the log each. */
function services(count: number, port: number) {
	const endpoints = Array.from({ length: 20 }, (_, i) => `127.0.0.${i + 1}:${port}`);
	return Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, { endpoints }]));
}

/** That changes still arrive at a client, and that the admin port answers. */
async function expectServing(fingerpost: Fingerpost, port: number): Promise<void> {
	using stream = new XdsStream({ port: fingerpost.xdsPort });
	stream.send({ type_url: TYPE_URL.eds, node: { id: "one" }, resource_names: ["s0"] });
	await stream.next("endpoints", () => true);
	await fingerpost.setServices(services(1, port));
	await stream.next("the change", (response) => JSON.stringify(response).includes(`"port_value":${port}`));
	await waitUntil("it is healthy", async () => (await fingerpost.get("/healthz")) !== "");
}

async function dropped(fingerpost: Fingerpost): Promise<number> {
	const text = await fingerpost.get("/metrics");
	return Number(/^fingerpost_log_lines_dropped_total\{reason="output"\} (\d+)$/m.exec(text)?.[1]);
}

/** Changes services until lines are dropped; each change of 40 is some 40 lines. */
async function changeUntilDropped(fingerpost: Fingerpost): Promise<void> {
	let port = 2_000;
	await waitUntil(
		"lines are dropped",
		async () => {
			// What waits has room for some thousands of lines.
			await fingerpost.setServices(services(40, ++port));
			return (await dropped(fingerpost)) > 0;
		},
		{ interval: 1 },
	);
}

describe.each(FORMATS)("a log in %s", (format) => {
	const args = ["--log-format", format];

	it.each(["stdout", "stderr", "both"])("serves from the start where %s is full", async (which) => {
		const full = openSync("/dev/full", "w");
		const stdio = ["ignore", which === "stderr" ? "pipe" : full, which === "stdout" ? "pipe" : full] as const;
		await using fingerpost = await Fingerpost.start({ services: services(40, 1_000) }, { stdio, args });
		closeSync(full);
		await expectServing(fingerpost, 1_001);
		expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});

	it("serves while nobody reads its log, and says how many lines are missing once it is read", async () => {
		await using folder = await tempFolder();
		const path = folder.file("log");
		expect(spawnSync("mkfifo", [path]).status).toBe(0);
		const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
		const writer = openSync(path, "w");
		const stdio = ["ignore", "pipe", writer] as const;
		await using fingerpost = await Fingerpost.start({ services: services(40, 1_000) }, { stdio, args });
		closeSync(writer);
		await changeUntilDropped(fingerpost);
		await expectServing(fingerpost, 1_001);
		const missing = await dropped(fingerpost);
		const log = await readUntil(reader, /log lines were dropped/);
		const told = Number(/"lines":(\d+)/.exec(log)?.[1] ?? /lines=(\d+)/.exec(log)?.[1]);
		expect(told).toBeGreaterThanOrEqual(missing);
		expect(await dropped(fingerpost)).toBe(told);
		if (format === "json") for (const line of log.trimEnd().split("\n").slice(0, -1)) JSON.parse(line);
		expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
		expect(await readUntil(reader, /stopped/)).toContain("stopping");
		closeSync(reader);
	});

	it("serves when whoever read its log has gone, and ends in order", async () => {
		await using folder = await tempFolder();
		const path = folder.file("log");
		expect(spawnSync("mkfifo", [path]).status).toBe(0);
		const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
		const writer = openSync(path, "w");
		const stdio = ["ignore", writer, writer] as const;
		await using fingerpost = await Fingerpost.start({ services: services(1, 1_000) }, { stdio, args });
		closeSync(writer);
		closeSync(reader);
		await expectServing(fingerpost, 1_001);
		expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});
});

it("lets one peer fill no log, and tells how many of its lines are missing", async () => {
	await using fingerpost = await Fingerpost.start({ services: services(1, 1_000) });
	const started = performance.now();
	// Each causes a line when it says who it is, one for the unknown type, and one when it goes.
	for (let round = 0; round < 20; round++) {
		const streams = Array.from({ length: 20 }, () => new XdsStream({ port: fingerpost.xdsPort }));
		for (const stream of streams) {
			const node = { id: "\u001b".repeat(200), user_agent_name: "\u001b".repeat(200) };
			stream.send({ type_url: `type.example/${"\u001b".repeat(200)}`, node, resource_names: ["s0"] });
			stream.send({ type_url: TYPE_URL.eds, resource_names: ["s0"] });
		}
		await Promise.all(
			streams.map((stream) => stream.next("endpoints", (response) => response.typeUrl === TYPE_URL.eds)),
		);
		for (const stream of streams) stream[Symbol.dispose]();
	}
	await waitUntil("all have gone", async () => (await fingerpost.clients()).length === 0);
	const seconds = (performance.now() - started) / 1_000;
	const bytes = fingerpost.log.reduce((sum, { text }) => sum + text.length + 1, 0);
	expect(bytes).toBeLessThan(34_000 + seconds * 1_000);
	const text = await fingerpost.get("/metrics");
	const missing = Number(/^fingerpost_log_lines_dropped_total\{reason="peer"\} (\d+)$/m.exec(text)?.[1]);
	// Nearly all of 1,200.
	expect(missing).toBeGreaterThan(1_000);
	await waitUntil("the gap is told", () => fingerpost.log.some((line) => /"unlogged":\d{3}/.test(line.text)), {
		// It is told once a minute.
		timeout: 60_000 + PATIENCE,
	});
});

// A file system of 64 KiB needs the right to mount one.
it.skipIf(process.getuid?.() !== 0)(
	"serves while the disk of its log is full, and writes again when it has room",
	async () => {
		await using folder = await tempFolder();
		const disk = folder.file("disk");
		await mkdir(disk);
		expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status).toBe(0);
		try {
			const log = openSync(join(disk, "log"), "a");
			const stdio = ["ignore", "pipe", log] as const;
			await using fingerpost = await Fingerpost.start({ services: services(40, 1_000) }, { stdio });
			closeSync(log);
			await writeFile(join(disk, "fill"), Buffer.alloc(64 * 1_024)).catch(() => {});
			await changeUntilDropped(fingerpost);
			await expectServing(fingerpost, 1_001);
			await rm(join(disk, "fill"));
			await waitUntil(
				"the gap is told",
				async () => {
					// What waited does not fit the disk at once: as by a log rotation that truncates.
					const text = await readFile(join(disk, "log"), "utf8");
					if (/log lines were dropped.*\n|"why":"ENOSPC/.test(text)) return true;
					await truncate(join(disk, "log"), 0);
					return false;
				},
				{ interval: 50 },
			);
			await expectServing(fingerpost, 1_002);
		} finally {
			spawnSync("umount", ["-l", disk]);
		}
	},
);

/** What a pipe holds until the text has come; it is read at most 60 s. */
async function readUntil(fd: number, pattern: RegExp): Promise<string> {
	const part = Buffer.alloc(64 * 1_024);
	let text = "";
	await waitUntil(
		`the log has ${pattern}`,
		() => {
			try {
				text += part.toString("utf8", 0, readSync(fd, part));
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
			}
			return pattern.test(text) && text.endsWith("\n");
		},
		{ interval: 1 },
	);
	return text;
}
