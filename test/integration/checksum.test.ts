import { describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { ChecksumJson } from "../../src/admin/lists/checksum.js";
import { runProgram } from "../cli/run-program.js";

describe("the checksum of a fleet", () => {
	it("is equal where the same is served, and names the services that differ", async () => {
		const services = { web: { endpoints: ["127.0.0.1:1", "127.0.0.1:2"] }, api: "127.0.0.1:3" };
		await using first = await Fingerpost.start({ services });
		await using second = await Fingerpost.start({ services });
		const [a, b] = [first, second].map(({ adminUrl }) => new URL(adminUrl).host) as [string, string];
		const run = () => runProgram(["checksum", "--admin", a, "--admin", b]);
		const sum = (server: Fingerpost) => server.api<ChecksumJson>("/checksum");
		const equal = await sum(first);
		expect(equal.checksum).toBe((await sum(second)).checksum);
		expect(equal.services.every(({ since }) => Date.parse(since ?? "") <= Date.now())).toBe(true);
		expect(equal.services.map(({ name }) => name)).toEqual(["api", "web"]);
		expect(await run()).toMatchObject({
			code: 0,
			stdout: `${a} ${equal.checksum} 2 services\n${b} ${equal.checksum} 2 services\n`,
		});

		await second.setServices({
			web: { endpoints: ["127.0.0.1:1", { address: "127.0.0.1:2", weight: 50 }] },
			api: { target: "127.0.0.1:3", protocol: "grpc" },
			more: "127.0.0.1:4",
		});
		await waitUntil("it differs", async () => (await sum(second)).services.length === 3);
		const since = new Map((await sum(second)).services.map((each) => [each.name, each.since]));
		const { code, stdout } = await run();
		expect(code).toBe(1);
		expect(stdout.split("\n").slice(2).sort()).toEqual([
			"",
			`api differs at ${b} since ${since.get("api")}`,
			`more is only at ${b}`,
			`web differs at ${b} since ${since.get("web")}`,
		]);
		const before = equal.services.find(({ name }) => name === "api")?.since;
		expect(Date.parse(since.get("api") ?? "")).toBeGreaterThan(Date.parse(before ?? ""));
	});
});
