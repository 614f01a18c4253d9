import { rename, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Child } from "../../../lab/child.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { eventText } from "../../../src/cli/commands/watch.js";
import type { Endpoint } from "../../../src/model/endpoint.js";
import { at } from "../../catalog/fake-provider.js";
import { tempFolder } from "../../util/temp-folder.js";
import { MAIN, runProgram } from "../run-program.js";

const NOON = new Date("2026-11-24T12:00:00.000Z");

interface List extends AsyncDisposable {
	readonly target: string;
	write(text: string): Promise<void>;
}

/** An endpoints file that is replaced as a whole. */
async function list(text?: string): Promise<List> {
	const folder = await tempFolder();
	const file = folder.file("endpoints.yaml");
	const write = async (next: string) => {
		await writeFile(folder.file("new"), next);
		await rename(folder.file("new"), file);
	};
	if (text !== undefined) await write(text);
	return { target: `file://${file}`, write, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

function start(...args: readonly string[]): Child {
	return new Child(process.execPath, [MAIN, "watch", ...args]);
}

describe("fingerpost watch", () => {
	it.each(["SIGINT", "SIGTERM"] as const)("prints a line for each change until %s, and ends with 0", async (signal) => {
		await using file = await list("[127.0.0.1:1]");
		await using child = start(file.target);
		await waitUntil("the present state is there", () => child.stdout.length === 1);
		await file.write("[127.0.0.1:1, 127.0.0.1:2]");
		await waitUntil("the addition is there", () => child.stdout.length === 2);
		await file.write("[127.0.0.1:2]");
		await waitUntil("the removal is there", () => child.stdout.length === 3);
		expect(child.stdout.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z /, ""))).toEqual([
			"add, 1 of 1 endpoints ready: +127.0.0.1:1",
			"add, 2 of 2 endpoints ready: +127.0.0.1:2",
			"delete, 1 of 1 endpoints ready: -127.0.0.1:1",
		]);
		expect([await child.kill(signal), child.stderr]).toEqual([{ code: 0, signal: null }, []]);
	});

	it("prints a line of JSON for each change", async () => {
		await using file = await list("[127.0.0.1:1]");
		await using child = start(file.target, "-o", "json");
		await waitUntil("the present state is there", () => child.stdout.length === 1);
		await file.write('[{address: "127.0.0.1:1", weight: 7}]');
		await waitUntil("the change is there", () => child.stdout.length === 2);
		const [first, second] = child.stdout.map((line) => JSON.parse(line));
		expect(first).toMatchObject({
			type: "add",
			endpoints: [{ port: 1 }],
			added: [{ port: 1 }],
			changed: [],
			notes: [],
		});
		expect(second).toMatchObject({ type: "update", endpoints: [{ weight: 7 }], added: [], changed: [{ weight: 7 }] });
		expect(new Date(second.at).getTime()).toBeGreaterThanOrEqual(new Date(first.at).getTime());
	});

	it("goes on while the source fails, which stderr says once", async () => {
		await using file = await list();
		await using child = start(file.target);
		await waitUntil("the failure is told", () => child.stderr.length > 0);
		expect(child.stderr).toEqual([expect.stringMatching(/^error: .*endpoints\.yaml does not exist$/)]);
		await file.write("[127.0.0.1:1]");
		await waitUntil("the endpoints are there", () => child.stdout.length === 1);
		expect(child.exit).toBeUndefined();
	});

	it("goes on with a source that never changes", async () => {
		await using child = start("127.0.0.1:80");
		await waitUntil("the endpoint is there", () => child.stdout.length === 1);
		expect(await child.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});

	it("ends when nobody reads it any more", async () => {
		await using file = await list("[127.0.0.1:1]");
		await using child = start(file.target);
		await waitUntil("the present state is there", () => child.stdout.length === 1);
		child.process.stdout?.destroy();
		await file.write("[127.0.0.1:2]");
		expect([await child.exited, child.stderr]).toEqual([{ code: 0, signal: null }, []]);
	});

	it("is exit code 1 with the reason where there can be nothing to watch", async () => {
		const { code, stdout, stderr } = await runProgram(["watch", "nope://x"]);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/^error: no provider for the scheme "nope"/);
	});
});

describe("the line of a change", () => {
	const event = {
		type: "update",
		endpoints: [],
		added: [],
		removed: [],
		changed: [],
		changedFrom: [],
		notes: [],
	} as const;

	it("says what is out of the ordinary of an endpoint, and of a changed one what was and what is", () => {
		const endpoints: Endpoint[] = [at(1, { weight: 50 }), at(2, { health: "draining", priority: 1 })];
		expect(
			eventText(
				{
					...event,
					endpoints,
					added: endpoints,
					changed: [at(3, { weight: 0, health: "draining" })],
					changedFrom: [at(3)],
					removed: [at(4)],
				},
				NOON,
			),
		).toBe(
			"2026-11-24T12:00:00.000Z update, 1 of 2 endpoints ready: " +
				"+10.0.0.1:80 (weight 50), +10.0.0.2:80 (draining, priority 1), -10.0.0.4:80, ~10.0.0.3:80 health healthy -> draining, weight 100 -> 0",
		);
	});

	it("is one line that drives no terminal, with what was left out", () => {
		expect(eventText({ ...event, notes: ["left out:\n\u001b[2J", "more"] }, NOON)).toBe(
			"2026-11-24T12:00:00.000Z update, 0 of 0 endpoints ready; left out:\\n\\u001b[2J; more",
		);
	});

	it("only counts what would make it too long", () => {
		const added = Array.from({ length: 25 }, (_, i) => at(i + 1));
		expect(eventText({ ...event, added }, NOON)).toMatch(/\+10\.0\.0\.20:80, \+5 more$/);
	});
});
