import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

const FOLDER = join(import.meta.dirname, "../../examples/library");

function start(name: string, ...args: readonly string[]): Child {
	return new Child(process.execPath, [join(FOLDER, `${name}.mjs`), ...args]);
}

/** Waits for the end of the example, and gives what it printed. */
async function end(child: Child, signal?: NodeJS.Signals): Promise<readonly string[]> {
	if (signal) child.process.kill(signal);
	const exit = await waitUntil("the example has ended", () => child.exit);
	expect([exit, child.stderr]).toEqual([{ code: 0, signal: null }, []]);
	return child.stdout;
}

const CASES: Readonly<Record<string, () => Promise<void>>> = {
	async discover() {
		await using found = start("discover");
		expect(await end(found)).toEqual(["127.0.0.1 8081 healthy 100"]);
		await using missing = start("discover", "file:///nonexistent/endpoints.yaml");
		expect(await end(missing)).toEqual([expect.stringMatching(/^there is no file:.*does not exist$/)]);
	},

	async watch() {
		await using preset = start("watch");
		await waitUntil("its own file is read", () => preset.stdout.length === 1);
		expect(await end(preset, "SIGTERM")).toEqual(["add (+2 -0 ~0): 127.0.0.1:8081 127.0.0.1:8082", "ended"]);

		await using folder = await tempFolder();
		const file = folder.file("endpoints.yaml");
		await writeFile(file, "[127.0.0.1:1]");
		await using child = start("watch", `file://${file}`);
		await waitUntil("the present state is there", () => child.stdout.length === 1);
		await writeFile(file, "[127.0.0.1:1, 127.0.0.1:2]");
		await waitUntil("the change is there", () => child.stdout.length === 2);
		expect(await end(child, "SIGINT")).toEqual([
			"add (+1 -0 ~0): 127.0.0.1:1",
			"add (+1 -0 ~0): 127.0.0.1:1 127.0.0.1:2",
			"ended",
		]);
	},

	async client() {
		await using child = start("client");
		expect(await end(child)).toEqual(["a: 2, b: 6"]);
	},

	async "own-provider"() {
		await using child = start("own-provider");
		expect(await end(child)).toEqual([
			"SERVICE_NOT_FOUND: the inventory has no wbe",
			"add: 10.0.0.1:8080",
			"add: 10.0.0.1:8080 10.0.0.2:8080",
		]);
	},

	async "control-plane"() {
		await using child = start("control-plane");
		await waitUntil("it changes a weight", () => child.stdout.some((line) => line.startsWith("weight of ")));
		const admin = /admin=(\S+)/.exec(child.stdout[0] ?? "")?.[1];
		const answer = await fetch(`http://${admin}/api/v1/services/web`, { headers: { connection: "close" } });
		expect(await answer.json()).toMatchObject({ state: "synced", endpoints: { total: 2, ready: 2 } });
		expect((await end(child, "SIGTERM")).at(-1)).toBe("stopped");
	},
};

describe("examples/library", () => {
	it.each(Object.entries(CASES))("%s does what it says", (_, run) => run());

	it("has no other programs", async () => {
		expect((await readdir(FOLDER)).filter((name) => name !== "endpoints.yaml").sort()).toEqual(
			Object.keys(CASES)
				.map((name) => `${name}.mjs`)
				.sort(),
		);
	});
});
