import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Child } from "../../lab/child.js";
import { freePorts } from "../../lab/ports.js";
import { waitUntil } from "../../lab/wait-until.js";
import { AdminServer } from "../../src/admin/admin-server.js";
import { Metrics } from "../../src/admin/metrics/metrics.js";
import { createProgram } from "../../src/cli/program.js";
import { formatHostPort, type HostPort } from "../../src/model/host-port.js";
import { FakeSources, fakeClient, fakeService } from "../admin/fake-sources.js";
import { MAIN, runProgram } from "./run-program.js";

describe("the command line", () => {
	it.each([[[]], [["--help"]], [["-h"]]])("%j prints help, examples first", async (args) => {
		const { code, stdout, stderr } = await runProgram(args);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/^Examples:\n {2}fingerpost init /);
		expect(stdout).toContain("Usage: fingerpost");
	});

	it("prints its version", async () => {
		const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
		expect(await runProgram(["version"])).toEqual({ code: 0, stdout: `fingerpost ${version}\n`, stderr: "" });
		expect((await runProgram(["--version"])).stdout).toBe(`fingerpost ${version}\n`);
		expect(JSON.parse((await runProgram(["version", "-o", "json"])).stdout)).toMatchObject({ version });
	});

	it.each([
		[["srve"], /unknown command 'srve'\n\(Did you mean serve\?\)/],
		[["status", "--wach"], /unknown option '--wach'\n\(Did you mean --watch\?\)/],
		[["status", "--admin", "nowhere"], /'--admin <host:port>' argument 'nowhere' is invalid/],
		[["status", "-o", "xml"], /Allowed choices are table, wide, json, yaml/],
		[["serve", "--xds-listen", "127.0.0.1:99999"], /port must be 0 to 65535/],
		[["serve", "--log-level", "loud"], /Allowed choices are trace, debug, info/],
		[["bootstrap", "envoy", "--server", "127.0.0.1:0"], /a port is a number from 1 to 65535/],
		[["bootstrap", "envoy", "--service", "a b"], /a service name has only/],
		[["bootstrap", "envoi"], /unknown command 'envoi'/],
		[["bootstrap"], /Usage: fingerpost bootstrap/],
		[["validate", "-", "-"], /stdin can be read once only/],
		[["envoy"], /say what Envoy is to do/],
		[["version", "x"], /too many arguments/],
	])("%j is a usage error: exit code 2, nothing on stdout", async (args, message) => {
		const { code, stdout, stderr } = await runProgram(args);
		expect([code, stdout]).toEqual([2, ""]);
		expect(stderr).toMatch(message);
		expect(stderr).not.toContain("error: error:");
	});

	it.each([
		["FINGERPOST_ADMIN", ["services"], /cannot read the admin port 127\.0\.0\.1:18001/],
		["FINGERPOST_XDS_LISTEN", ["serve", "-c", "/nonexistent"], /\/nonexistent: does not exist/],
		["FINGERPOST_XDS_REST_LISTEN", ["serve", "-c", "/nonexistent"], /\/nonexistent: does not exist/],
		["FINGERPOST_ADMIN_LISTEN", ["serve", "-c", "/nonexistent"], /\/nonexistent: does not exist/],
	])("%s counts as unset where it is empty; a wrong one is named, exit code 1", async (name, args, otherwise) => {
		const wrong = await runProgram(args, { [name]: "nowhere" });
		expect([wrong.code, wrong.stdout]).toEqual([1, ""]);
		expect(wrong.stderr).toMatch(
			new RegExp(`^error: .*'nowhere' from env '${name}' is invalid\\. expected .*\n$`, "i"),
		);
		for (const value of ["", undefined]) {
			const unset = await runProgram(args, { [name]: value });
			expect(unset.stderr).toMatch(otherwise);
		}
	});

	it.each(["1", ""])("NO_COLOR=%j changes nothing where no colours are", async (value) => {
		expect((await runProgram(["version"], { NO_COLOR: value, TERM: value })).code).toBe(0);
	});
});

describe("docs/cli.md", () => {
	const docs = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
	const io = { stdout: process.stdout, stderr: process.stderr, env: {}, closed: new AbortController().signal };
	const program = createProgram(io, () => {});

	function leaves(command: Command, path: readonly string[] = []): [string, Command][] {
		const here = [...path, command.name()];
		if (command.commands.length === 0) return [[here.join(" "), command]];
		return command.commands.flatMap((each) => leaves(each, here));
	}

	it("has a section for each command, and no other", () => {
		const headings = [...docs.matchAll(/^## (fingerpost .*)$/gm)].map((match) => match[1]);
		expect(headings.sort()).toEqual(
			leaves(program)
				.map(([name]) => name)
				.sort(),
		);
	});

	it.each(leaves(program))("lists each option of %s, with its environment variable, and no other", (name, command) => {
		const section = docs.split(/^## /m).find((each) => each.startsWith(`${name}\n`)) ?? "";
		const listed = [...section.matchAll(/^\| `(-[^`]+)` +\|/gm)].map((match) => match[1]);
		expect(listed.sort()).toEqual(command.options.map((option) => option.flags).sort());
		const variables = [...section.matchAll(/`(FINGERPOST_\w+)`/g)].map((match) => match[1]);
		expect(variables.sort()).toEqual(command.options.flatMap((option) => option.envVar ?? []).sort());
	});
});

describe("validate", () => {
	let folder = "";
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "fingerpost-cli-"));
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));

	async function file(text: string): Promise<string> {
		const path = join(folder, "fingerpost.yaml");
		await writeFile(path, text);
		return path;
	}

	it("sums a valid file up, and says what would be repaired or is otherwise to be known", async () => {
		const endpoints = '["127.0.0.1:1", "127.0.0.1:1", {address: "127.0.0.1:3", weight: 0}]';
		const targets = '[{target: "127.0.0.1:2", priority: 1}]';
		const path = await file(`services:\n  a: {endpoints: ${endpoints}}\n  b: {targets: ${targets}}\n`);
		const { code, stdout, stderr } = await runProgram(["validate", path]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout.split("\n")).toEqual([
			`${path} is valid: 2 services, 3 endpoints, 1 target`,
			expect.stringMatching(/^repaired in a: duplicate endpoint 127\.0\.0\.1:1 /),
			"repaired in b: no target of priority 0: the lower priorities move up",
			"note on a: endpoint 127.0.0.1:3 has weight 0: it gets no traffic",
			"",
		]);
		const json = JSON.parse((await runProgram(["validate", path, "-o", "json"])).stdout);
		expect(json).toMatchObject({ valid: true, file: path, services: 2, repairs: [{ service: "a" }, { service: "b" }] });
		expect(json.notes.map((each: { service: string }) => each.service)).toEqual(["a", "a", "b"]);
	});

	it("names every error with its place, exit code 1", async () => {
		const path = await file("services:\n  a: {endpoint: []}\n  b: nonsense://x\n");
		const { code, stdout, stderr } = await runProgram(["validate", path]);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/fingerpost\.yaml:2:\d+ .*endpoint/);
		expect(stderr).toMatch(/fingerpost\.yaml:3:\d+ .*nonsense/);
		const json = await runProgram(["validate", path, "-o", "json"]);
		expect([json.code, json.stderr]).toEqual([1, ""]);
		const { valid, problems } = JSON.parse(json.stdout);
		expect([valid, problems.length]).toEqual([false, stderr.trimEnd().split("\n").length]);
	});

	it("prints the JSON Schema", async () => {
		const { code, stdout } = await runProgram(["validate", "--json-schema"]);
		expect([code, JSON.parse(stdout).type]).toEqual([0, "object"]);
	});
});

describe("status and services", () => {
	const sources = new FakeSources(fakeService("checkout"), fakeService(".."), fakeService("ns/name"));
	let server: AdminServer;
	let env: { FINGERPOST_ADMIN: string };

	beforeAll(async () => {
		sources.connected = [fakeClient()];
		server = new AdminServer({ listen: { host: "127.0.0.1", port: 0 }, sources, metrics: new Metrics(sources) });
		await server.start();
		env = { FINGERPOST_ADMIN: formatHostPort(server.address as HostPort) };
	});
	afterAll(() => server.stop());

	async function api(path: string): Promise<unknown> {
		return (await fetch(`http://${env.FINGERPOST_ADMIN}/api/v1/${path}`)).json();
	}

	it("print tables on stdout, without colours where there is no terminal", async () => {
		const services = await runProgram(["services"], env);
		expect(services).toMatchObject({ code: 0, stderr: "" });
		expect(services.stdout).toMatch(
			/^NAME +STATE .*\n\.\. +synced .*\ncheckout +synced .*\nns\/name +synced .*\n\n3 services: 3 synced\n/,
		);
		expect((await runProgram(["status"], env)).stdout).toMatch(/^NODE .*\nenvoy-1 /);
	});

	it("print the API's own JSON, and the same as YAML", async () => {
		for (const [args, path] of [
			[["services"], "services"],
			[["services", "checkout"], "services/checkout"],
			[["status"], "clients"],
		] as const) {
			const expected = await api(path);
			expect(JSON.parse((await runProgram([...args, "-o", "json"], env)).stdout)).toEqual(expected);
			expect(parse((await runProgram([...args, "-o", "yaml"], env)).stdout)).toEqual(expected);
		}
	});

	it("find a service of any name, and suggest one for a name that does not exist", async () => {
		for (const name of ["..", "ns/name"]) {
			expect((await runProgram(["services", name], env)).stdout).toMatch(new RegExp(`^Name: +${name}\n`));
		}
		expect(await runProgram(["services", "chekout"], env)).toEqual({
			code: 1,
			stdout: "",
			stderr: 'error: there is no service "chekout"; did you mean "checkout"?\n',
		});
	});

	it("show only what filters ask for", async () => {
		const lines = async (...args: string[]) =>
			(await runProgram([...args, "--no-headers"], env)).stdout.split("\n").slice(0, -1);
		expect(await lines("services", "--service", "ns/*")).toEqual([expect.stringMatching(/^ns\/name /)]);
		expect(await lines("services", "--state", "stale")).toEqual([]);
		expect(await lines("status", "--node", "nobody")).toEqual([]);
		expect(await lines("status", "--node", "envoy-*")).toHaveLength(1);
		const nothing = await runProgram(["status", "--type", "rds"], env);
		expect([nothing.code, nothing.stderr]).toEqual([0, "No connected client is like that.\n"]);
		const both = await runProgram(["services", "checkout", "--state", "synced"], env);
		expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("--service and --state for a list")]);
	});

	it("say on stderr that there is nothing to show", async () => {
		const nothing = new FakeSources();
		await using empty = new AdminServer({
			listen: { host: "127.0.0.1", port: 0 },
			sources: nothing,
			metrics: new Metrics(nothing),
		});
		await empty.start();
		const outcome = await runProgram(["status", "--admin", formatHostPort(empty.address as HostPort)]);
		expect(outcome).toEqual({ code: 0, stdout: "", stderr: "No client is connected.\n" });
	});

	it("fail clearly where nobody listens", async () => {
		const [port] = await freePorts(1);
		const { code, stdout, stderr } = await runProgram(["status", "--admin", `127.0.0.1:${port}`]);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toContain(`error: cannot read the admin port 127.0.0.1:${port}: connection refused\n`);
		expect(stderr).toContain("FINGERPOST_ADMIN");
	});

	it("give up on a server that does not answer after 5 s", async () => {
		const mute = createServer();
		await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
		try {
			const { port } = mute.address() as { port: number };
			const { code, stderr } = await runProgram(["status", "--admin", `127.0.0.1:${port}`]);
			expect([code, stderr]).toEqual([1, expect.stringContaining("no answer within 5 s")]);
		} finally {
			mute.close();
		}
	});

	it("watch until SIGINT, a line of JSON each, and go on while the control plane is away", async () => {
		const own = new FakeSources(fakeService("a"));
		const options = { sources: own, metrics: new Metrics(own) };
		const first = new AdminServer({ listen: { host: "127.0.0.1", port: 0 }, ...options });
		await first.start();
		const listen = first.address as HostPort;
		await using child = new Child(process.execPath, [
			...[MAIN, "services", "--watch", "-o", "json", "--admin", formatHostPort(listen)],
		]);
		await waitUntil("the first line is there", () => child.stdout.length > 0);
		await first.stop();
		await waitUntil("it says that it cannot read", () => child.stderr.some((line) => line.includes("refused")));
		await using second = new AdminServer({ listen, ...options });
		await second.start();
		const before = child.stdout.length;
		await waitUntil("it reads again", () => child.stdout.length > before);
		expect(child.stdout.map((line) => JSON.parse(line).services[0].name)).toEqual(child.stdout.map(() => "a"));
		expect(await child.kill("SIGINT")).toEqual({ code: 0, signal: null });
	});

	it("end a watch when its reader has gone", async () => {
		const child = new Child(process.execPath, [MAIN, "services", "--watch", "--admin", env.FINGERPOST_ADMIN]);
		await waitUntil("the first table is there", () => child.stdout.length > 0);
		child.process.stdout?.destroy();
		expect([await child.exited, child.stderr]).toEqual([{ code: 0, signal: null }, []]);
	});
});
