import { rename, unlink, utimes, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { PATIENCE } from "../../../lab/patience.js";
import { InvalidEndpoints } from "../../../src/input/endpoint-file.js";
import { addressOf } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import { FileProvider } from "../../../src/providers/file/file-provider.js";
import { Registry } from "../../../src/providers/registry.js";
import type { FingerpostError } from "../../../src/util/errors.js";
import { InvalidTarget, ServiceNotFound, SourceFailed } from "../../../src/util/errors.js";
import { abortable, tempFolder } from "../../util/temp-folder.js";

const provider = new FileProvider({ poll: 3_600_000 });
const signal = new AbortController().signal;
const InvalidEndpointsText = /\[0\]: expected/;

function targetOf(path: string) {
	return parseTarget(pathToFileURL(path).href);
}

describe("discovering a file", () => {
	it("gives its endpoints and where they came from", async () => {
		await using folder = await tempFolder();
		const path = folder.file("a b.yaml");
		await writeFile(path, "- 127.0.0.1:80\n- {address: 127.0.0.1:81, weight: 5}\n");
		await utimes(path, 1_000, 2_000);
		const list = await provider.discover(targetOf(path), { signal });
		expect(list.map((e) => [addressOf(e), e.weight])).toEqual([
			["127.0.0.1:80", 100],
			["127.0.0.1:81", 5],
		]);
		expect(list[0]?.origin).toEqual({ target: targetOf(path).text, object: path, at: new Date(2_000_000) });
	});

	it("is ServiceNotFound exactly where there is no file", async () => {
		await using folder = await tempFolder();
		await expect(provider.discover(targetOf(folder.file("none")), { signal })).rejects.toThrow(ServiceNotFound);
		await expect(provider.discover(targetOf(folder.path), { signal })).rejects.toThrow(SourceFailed);
		await writeFile(folder.file("bad"), "- 1.2.3.4:0");
		const error: unknown = await provider.discover(targetOf(folder.file("bad")), { signal }).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(SourceFailed);
		expect((error as SourceFailed).cause).toBeInstanceOf(InvalidEndpoints);
		expect((error as SourceFailed).message).toContain(
			`${folder.file("bad")}:1:3 [0]: the port must be 1 to 65535, not 0`,
		);
	});

	it("names the limit that a file is larger than", async () => {
		await using folder = await tempFolder();
		await writeFile(folder.file("large"), "- 127.0.0.1:80\n");
		const small = new FileProvider({ maxBytes: 10 });
		await expect(small.discover(targetOf(folder.file("large")), { signal })).rejects.toThrow(
			`${folder.file("large")} is larger than 10 bytes`,
		);
	});

	it("counts a list of more than a target may have, and does not read it", async () => {
		await using folder = await tempFolder();
		const path = folder.file("many");
		// None of them is an endpoint.
		await writeFile(path, JSON.stringify(Array.from({ length: 100 }, (_, i) => i)));
		const discovered = provider.discover(targetOf(path), { signal, maxEndpoints: () => 99 });
		await expect(discovered).rejects.toThrow("the source gives 100 endpoints, and a target may have 99");
		const read = provider.discover(targetOf(path), { signal, maxEndpoints: () => 100 });
		await expect(read).rejects.toThrow(InvalidEndpointsText);
	});

	it("does not repeat a text that is not a list but for its beginning", async () => {
		await using folder = await tempFolder();
		const path = folder.file("no list");
		await writeFile(path, `PASSWORD=${"s".repeat(100)}\n`);
		await expect(provider.discover(targetOf(path), { signal })).rejects.toThrow(
			new SourceFailed(
				`${path}:1:1 expected a list of endpoints such as [127.0.0.1:8080], not "PASSWORD=${"s".repeat(30)}…"`,
			),
		);
		await writeFile(path, `["PASSWORD=${"s".repeat(100)}"]`);
		await expect(provider.discover(targetOf(path), { signal })).rejects.toThrow(/not "PASSWORD=s{30}…"$/);
	});

	it("ends with its signal", async () => {
		await using folder = await tempFolder();
		await writeFile(folder.file("a"), "[]");
		await expect(provider.discover(targetOf(folder.file("a")), { signal: AbortSignal.abort() })).rejects.toThrow(
			"This operation was aborted",
		);
	});
});

describe("watching a file", () => {
	it("tells each list; what is missing, empty or invalid is a failure, and only [] is empty", async () => {
		await using folder = await tempFolder();
		using owner = abortable();
		const path = folder.file("e.yaml");
		const told: string[] = [];
		const failures: FingerpostError[] = [];
		const failed = (error: FingerpostError) => {
			failures.push(error);
			told.push(`!${error.message}`);
		};
		const endpoints = (list: readonly { address: string; port: number }[]) => told.push(list.map(addressOf).join(" "));
		const put = async (text: string) => {
			await writeFile(folder.file("new"), text);
			await rename(folder.file("new"), path);
		};
		const until = (last: string | RegExp) =>
			vi.waitFor(() => expect(told.at(-1)).toEqual(typeof last === "string" ? last : expect.stringMatching(last)), {
				timeout: PATIENCE,
				interval: 20,
			});

		provider.watch(targetOf(path), { endpoints, failed }, owner);
		await until(/!.* does not exist$/);
		await put("- 127.0.0.1:80");
		await until("127.0.0.1:80");
		await put("");
		await until(/!.*:1:1 the file is empty$/);
		await put("- 127.0.0.1:99999");
		await until(/!.*:1:3 \[0\]: the port must be/);
		await put("[]");
		await until("");
		await unlink(path);
		await until(/!.* does not exist$/);
		await put("[]");
		await until("");
		expect(told).toHaveLength(7);
		expect(failures.every((error) => error instanceof SourceFailed)).toBe(true);
	});
});

describe("a file's target", () => {
	it.each([
		["file://./x", /path is absolute.*"\.\/x" does not begin with \//],
		["file://etc/x", /path is absolute/],
		["file:///", /expected a file's absolute path/],
		["file:///x?y=1", /%3F/],
		["file:///%00", /zero bytes/],
		["file:x", /is not a target/],
	])("%s is refused with the reason", (text, message) => {
		expect(() => new Registry().parse(text)).toThrow(InvalidTarget);
		expect(() => new Registry().parse(text)).toThrow(message);
	});
});
