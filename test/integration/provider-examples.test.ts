import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { describeConsul } from "../../lab/consul.js";
import { describeKubeApi, KubeApi } from "../../lab/kube-api.js";
import { serverBinary } from "../../lab/server-binary.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

/** Runs an example to its end. @returns what it printed, without the times. */
async function output(
	name: string,
	env: NodeJS.ProcessEnv = {},
	args: readonly string[] = [],
): Promise<readonly string[]> {
	const path = join(import.meta.dirname, `../../examples/${name}/run.mjs`);
	await using child = new Child(process.execPath, [path, ...args], { env: { ...process.env, ...env } });
	const exit = await waitUntil("the example has ended", () => child.exit);
	expect([exit, child.stderr]).toEqual([{ code: 0, signal: null }, []]);
	return child.stdout.map((line) => line.replace(/\d{4}-\d\d-\d\dT\S+ /, ""));
}

describeConsul("examples/consul", () => {
	it("follows an agent that it starts", async () => {
		const lines = await output("consul", { CONSUL: serverBinary("consul") });
		expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
			"add, 1 of 1 endpoints ready: +127.0.0.1:8081",
			expect.stringContaining("update, 2 of 2 endpoints ready: +127.0.0.1:8082 (weight 3)"),
			expect.stringMatching(/^update, 1 of 2 endpoints ready: ~127\.0\.0\.1:8082 .*draining/),
			expect.stringContaining("1 of 1 endpoints ready: -127.0.0.1:8082"),
		]);
	});
});

describeKubeApi("examples/kubernetes", () => {
	it("follows a Service that it makes in the cluster of a context", async () => {
		await using api = await KubeApi.start();
		await using folder = await tempFolder();
		await writeFile(folder.file("config"), api.adminKubeconfig);
		const lines = await output("kubernetes", { KUBECONFIG: folder.file("config") }, ["--context", "lab"]);
		expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
			"add, 1 of 1 endpoints ready: +10.0.0.1:8080",
			"add, 2 of 2 endpoints ready: +10.0.0.2:8080",
			expect.stringMatching(/^update, 1 of 2 endpoints ready: ~10\.0\.0\.1:8080 .*draining/),
			"delete, 1 of 1 endpoints ready: -10.0.0.1:8080",
		]);
	});
});

describe("examples/nomad", () => {
	it("follows a service of a stand-in that answers as Nomad does", async () => {
		const lines = await output("nomad");
		expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
			"add, 1 of 1 endpoints ready: +127.0.0.1:8081",
			"add, 2 of 2 endpoints ready: +127.0.0.1:8082 (weight 50)",
			"delete, 1 of 1 endpoints ready: -127.0.0.1:8081",
		]);
	});
});

describe("examples/file", () => {
	it("follows a file, and keeps the last list where it has a mistake", async () => {
		const lines = await output("file");
		expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
			"add, 1 of 1 endpoints ready: +127.0.0.1:8081",
			"add, 2 of 2 endpoints ready: +127.0.0.1:8082 (weight 50)",
			expect.stringMatching(/^error: \/web\.yaml:1:3 .*not "127\.0\.0\.1:no-port"$/),
			expect.stringMatching(/^update, 1 of 2 endpoints ready: .*draining/),
		]);
	});
});

describe("examples/dns", () => {
	it("follows records, and keeps the last ones while the server fails", async () => {
		const lines = await output("dns");
		const of = (name: string) => lines.filter((line) => line.startsWith(`${name}: `) && !line.includes(" error: "));
		expect(of("web")).toEqual([
			"web: add, 1 of 1 endpoints ready: +127.0.0.1:8080 (weight 1)",
			"web: add, 2 of 2 endpoints ready: +127.0.0.2:8080 (weight 3)",
			"web: delete, 1 of 1 endpoints ready: -127.0.0.1:8080",
		]);
		expect(of("legacy")).toEqual([
			"legacy: add, 1 of 1 endpoints ready: +127.0.0.1:8080",
			"legacy: add, 2 of 2 endpoints ready: +127.0.0.2:8080",
		]);
		expect(lines.filter((line) => /^(web|legacy): error: .*SERVFAIL/.test(line)).length).toBeGreaterThanOrEqual(2);
	});
});

describe("examples/http", () => {
	it("follows a list and a stream", async () => {
		const lines = await output("http");
		const of = (name: string) => lines.filter((line) => line.startsWith(`${name}: `));
		expect(of("web")).toEqual([
			"web: add, 1 of 1 endpoints ready: +127.0.0.1:8081",
			"web: add, 2 of 2 endpoints ready: +127.0.0.1:8082 (weight 50)",
		]);
		expect(of("api")).toEqual([
			"api: add, 1 of 1 endpoints ready: +127.0.0.1:8083",
			"api: add, 2 of 2 endpoints ready: +127.0.0.1:8084",
		]);
	});
});
