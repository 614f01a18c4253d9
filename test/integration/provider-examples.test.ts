import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { describeConsul } from "../../lab/consul.js";
import { serverBinary } from "../../lab/server-binary.js";
import { waitUntil } from "../../lab/wait-until.js";

/** Runs an example to its end. @returns what it printed, without the times. */
async function output(name: string, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
	const path = join(import.meta.dirname, `../../examples/${name}/run.mjs`);
	await using child = new Child(process.execPath, [path], { env: { ...process.env, ...env } });
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
