import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { FakeDns } from "../../../lab/fake-dns.js";
import { tempFolder } from "../../util/temp-folder.js";
import { runProgram } from "../run-program.js";

/** Each run has looked the name up anew. */
function withoutTimes(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === "at" ? undefined : inner)));
}

describe("fingerpost discover", () => {
	it("shows what the source says now, as a table, JSON and YAML", async () => {
		await using folder = await tempFolder();
		const file = folder.file("endpoints.yaml");
		await writeFile(file, '- {address: "127.0.0.1:81", weight: 50, locality: {zone: a}}\n- localhost:80\n');
		const target = `file://${file}`;
		const { code, stdout, stderr } = await runProgram(["discover", target]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
			["ADDRESS", "HEALTH", "WEIGHT", "PRIORITY", "LOCALITY"],
			["127.0.0.1:80", "healthy", "100", "0", "-"],
			["127.0.0.1:81", "healthy", "50", "0", "/a"],
			[""],
		]);
		const json = JSON.parse((await runProgram(["discover", target, "-o", "json"])).stdout);
		expect(json).toMatchObject({
			target,
			endpoints: [
				{
					address: "127.0.0.1",
					port: 80,
					hostname: "localhost",
					locality: null,
					origin: { object: "localhost A 127.0.0.1" },
				},
				{ address: "127.0.0.1", port: 81, weight: 50, locality: { zone: "a" } },
			],
		});
		const yaml: unknown = parse((await runProgram(["discover", target, "-o", "yaml"])).stdout);
		expect(withoutTimes(yaml)).toEqual(withoutTimes(json));
		expect((await runProgram(["discover", target, "-o", "wide"])).stdout).toContain(file);
	});

	it("shows a service of a config by its name, and which name was meant", async () => {
		await using folder = await tempFolder();
		const config = folder.file("fingerpost.yaml");
		await writeFile(config, "services: {web: {targets: [127.0.0.1:1, {target: 127.0.0.1:2, priority: 1}]}}\n");
		const { code, stdout } = await runProgram(["discover", "web", "--config", config, "-o", "json"]);
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({
			target: "web",
			endpoints: [
				{ port: 1, priority: 0 },
				{ port: 2, priority: 1 },
			],
		});
		expect(await runProgram(["discover", "wbe", "--config", config])).toEqual({
			code: 1,
			stdout: "",
			stderr: 'error: "wbe" is neither a target, such as scheme://… or host:port, nor a service; did you mean "web"?\n',
		});
	});

	it("says on stderr that there are no endpoints", async () => {
		await using folder = await tempFolder();
		await writeFile(folder.file("none.yaml"), "[]");
		const target = `file://${folder.file("none.yaml")}`;
		expect(await runProgram(["discover", target])).toEqual({
			code: 0,
			stdout: "",
			stderr: `${target} has no endpoints.\n`,
		});
		expect(JSON.parse((await runProgram(["discover", target, "-o", "json"])).stdout).endpoints).toEqual([]);
	});

	it.each([
		["is not found", "file:///nonexistent/endpoints.yaml", /^error: \/nonexistent\/endpoints\.yaml does not exist\n$/],
		["is not a target", "nonsense", /^error: "nonsense" is not a target/],
		["has an unknown scheme", "nope://x", /^error: no provider for the scheme "nope"; known schemes: .*dns, /],
		["cannot be served", "static://web", /^error: "static:\/\/web": expected an address and port/],
	])("is exit code 1 with the reason where the target %s", async (_, target, message) => {
		const { code, stdout, stderr } = await runProgram(["discover", target]);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(message);
	});

	it("takes the settings of providers from a config file, other instances too", async () => {
		await using server = await FakeDns.start();
		server.set("web.test", "A", "60 10.1.2.3");
		await using folder = await tempFolder();
		const config = folder.file("fingerpost.yaml");
		await writeFile(config, `providers: {inner: {type: dns, servers: ["${server.address}"]}}\nservices: {}\n`);
		const found = await runProgram(["discover", "inner:///web.test:80", "-c", config]);
		expect([found.code, found.stdout.split("\n")[1]]).toEqual([0, expect.stringMatching(/^10\.1\.2\.3:80 /)]);
		await writeFile(config, "providers: {dns: {serves: []}}\nservices: {}\n");
		const wrong = await runProgram(["discover", "dns:///web.test:80", "-c", config]);
		expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/fingerpost\.yaml:1:\d+ .*"servers"/)]);
	});

	it("gives up after the time that the source may take", async () => {
		const mute = createServer(() => {});
		await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
		await using folder = await tempFolder();
		const config = folder.file("fingerpost.yaml");
		try {
			const { port } = mute.address() as AddressInfo;
			await writeFile(
				config,
				`providers: {kubernetes: {server: "http://127.0.0.1:${port}", token: x}}\nservices: {}\n`,
			);
			const args = ["discover", "k8s:///shop/web:80", "-c", config, "--timeout", "200ms"];
			const { code, stderr } = await runProgram(args);
			expect([code, stderr]).toEqual([1, 'error: "k8s:///shop/web:80": no answer within 200ms\n']);
		} finally {
			mute.closeAllConnections();
			mute.close();
		}
	});

	it.each(["0s", "soon", "-1s"])("does not take %s for a time", async (text) => {
		const { code, stderr } = await runProgram(["discover", "127.0.0.1:80", "--timeout", text]);
		expect([code, stderr]).toEqual([2, expect.stringContaining("expected a duration above 0")]);
	});
});
