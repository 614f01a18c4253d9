import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PATIENCE } from "../../../lab/patience.js";
import { tempFolder } from "../../util/temp-folder.js";
import { MAIN, type Outcome, runProgram } from "../run-program.js";

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeAll(async () => {
	folder = await tempFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

async function file(name: string, text: string): Promise<string> {
	await writeFile(folder.file(name), text);
	return folder.file(name);
}

function withInput(input: string, ...args: readonly string[]): Promise<Outcome> {
	return new Promise((resolve) => {
		const child = execFile(process.execPath, [MAIN, ...args], { timeout: PATIENCE }, (error, stdout, stderr) =>
			resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
		);
		child.stdin?.end(input);
	});
}

const LOCAL = "services: {a: 127.0.0.1:1}\n";

describe("validate", () => {
	it("tells which endpoints name no zone where others are in several", async () => {
		const at = (n: number, zone?: string) =>
			`{address: "10.0.0.${n}:80"${zone === undefined ? "" : `, locality: {zone: ${zone}}`}}`;
		const web = `[${at(1, "a")}, ${at(2, "b")}, ${at(3)}]`;
		const mixed = await file(
			"mixed.yaml",
			`services: {web: {endpoints: ${web}}, off: {zones: off, endpoints: ${web}}}\n`,
		);
		const { code, stdout } = await runProgram(["validate", mixed]);
		expect([code, stdout]).toEqual([
			0,
			`${mixed} is valid: 2 services, 6 endpoints, 0 targets\n` +
				"note on web: 1 of 3 ready endpoints name no zone (10.0.0.3:80), so clients of zones get all endpoints alike: " +
				"give each a zone (locality) at its source or target, or say zones: off\n",
		]);
	});

	it("checks several files: one that is invalid keeps the others from nothing, and is exit code 1", async () => {
		const [good, bad] = [await file("good.yaml", LOCAL), await file("bad.yaml", "services: {a: 1}\n")];
		const { code, stdout, stderr } = await runProgram(["validate", bad, good]);
		expect([code, stdout]).toEqual([1, `${good} is valid: 1 service, 0 endpoints, 1 target\n`]);
		expect(stderr).toMatch(/^\S*bad\.yaml:1:15 services\.a: expected a target/);
		const json = JSON.parse((await runProgram(["validate", bad, good, "-o", "json"])).stdout);
		expect(json).toMatchObject([
			{ valid: false, file: bad },
			{ valid: true, file: good, warnings: [] },
		]);
	});

	it("reads stdin for -", async () => {
		const valid = await withInput(LOCAL, "validate", "-");
		expect(valid).toEqual({ code: 0, stdout: "stdin is valid: 1 service, 0 endpoints, 1 target\n", stderr: "" });
		const invalid = await withInput("services:\n  a: {", "validate", "-");
		expect(invalid).toEqual({ code: 1, stdout: "", stderr: "stdin:2:6 this { is not closed\n" });
	});

	it("warns of what can be seen without the network, at its place; --strict makes that exit code 1", async () => {
		const missing = folder.file("missing.yaml");
		const kubeconfig = await file("kubeconfig", "clusters: [{\n");
		const path = await file(
			"warn.yaml",
			`providers:
  eu: {type: kubernetes, kubeconfig: ${kubeconfig}}
  us: {type: kubernetes}
services:
  a: eu:///shop/a:http
  b: eu:///shop/b:http
  c: file://${missing}
  d: {endpoints: []}
  e: dns:///nobody.is.asked.invalid:80
`,
		);
		const { code, stdout, stderr } = await runProgram(["validate", path]);
		expect([code, stdout]).toEqual([0, `${path} is valid: 5 services, 0 endpoints, 4 targets\n`]);
		expect(stderr.trimEnd().split("\n")).toEqual([
			`warning: ${path}:3:3 providers.us: no service has a target us:///…`,
			`warning: ${path}:5:6 services.a: eu:///shop/a:http: the kubeconfig cannot be read: ${kubeconfig}:1:12 this { is not closed (and 1 more with the same)`,
			`warning: ${path}:7:6 services.c: file://${missing}: ${missing} does not exist`,
			`warning: ${path}:8:6 services.d: it has no endpoint: requests to it fail`,
		]);
		expect(await runProgram(["validate", "--strict", path])).toEqual({ code: 1, stdout, stderr });
		const { warnings } = JSON.parse((await runProgram(["validate", path, "-o", "json"])).stdout);
		expect(warnings[2]).toEqual({
			...{ file: path, line: 7, column: 6, path: "services.c" },
			message: `file://${missing}: ${missing} does not exist`,
		});
	});

	it("tells what clients do not get: once of the defaults, with their place and whom it concerns", async () => {
		const path = await file(
			"notes.yaml",
			`defaults:
  protocol: grpc
  healthChecks: [{grpc: {}}]
  subsets: [[version]]
discover: ["k8s:///shop/*:http"]
services:
  a: 127.0.0.1:1
  b: {target: 127.0.0.1:2, subsets: [[stage]]}
`,
		);
		const { code, stdout } = await runProgram(["validate", path]);
		const [first, ...lines] = stdout.trimEnd().split("\n");
		expect([code, first]).toEqual([0, `${path} is valid: 2 services, 0 endpoints, 2 targets`]);
		const subsets = "gRPC clients do not get subsets: they choose among all endpoints";
		expect(lines).toEqual([
			`note on b: ${subsets}`,
			`note: ${path}:3:3 defaults.healthChecks: gRPC clients do not get healthChecks: they make none (service "a", service "b", k8s:///shop/*:http)`,
			`note: ${path}:4:3 defaults.subsets: ${subsets} (service "a", k8s:///shop/*:http)`,
		]);
		const { notes, defaults } = JSON.parse((await runProgram(["validate", path, "-o", "json"])).stdout);
		expect(notes).toEqual([{ service: "b", note: subsets }]);
		expect(defaults[1]).toMatchObject({ file: path, line: 4, column: 3, path: "defaults.subsets" });
	});

	it("loads the modules of providers, and tells at its place what is wrong with one", async () => {
		await file("mine.mjs", 'export default { type: "mine", check: () => "no", create() {} };');
		const config = "providers: {mine: {module: ./mine.mjs}}\nservices: {web: mine:///web}\n";
		const { code, stderr } = await runProgram(["validate", await file("mine.yaml", config)]);
		expect(code).toBe(1);
		expect(stderr).toContain('mine.yaml:2:17 services.web: "mine:///web": no');
		await file("broken.mjs", "export default {");
		const broken = await runProgram(["validate", await file("b.yaml", config.replace("mine.mjs", "broken.mjs"))]);
		expect(broken.stderr).toContain("b.yaml:1:28 providers.mine.module: ./broken.mjs: it cannot be loaded: Unexpected");
	});

	it("asks the sources with --check-sources", async () => {
		const empty = await file("empty.yaml", "[]");
		const path = await file(
			"ask.yaml",
			`providers: {dns: {servers: ["127.0.0.1:1"], timeout: 1s}}
services:
  a: file://${empty}
  b: dns:///web.internal:80
  c: {endpoints: ["api.internal:80", "localhost:80", 127.0.0.1:80]}
`,
		);
		expect((await runProgram(["validate", path])).stderr).toBe("");
		const { code, stderr } = await runProgram(["validate", "--check-sources", path]);
		const [a, b, c, ...more] = stderr.trimEnd().split("\n");
		expect(a).toBe(`warning: ${path}:3:6 services.a: file://${empty}: its source says that it has no endpoint`);
		expect(b).toMatch(/:4:6 services\.b: dns:\/\/\/web\.internal:80: /);
		expect(c).toMatch(/:5:6 services\.c: api\.internal:80: /);
		expect([code, more]).toEqual([0, []]);
	});
});

describe("init", () => {
	it("writes a config that is valid, and never over a file unless forced to", async () => {
		const path = folder.file("new.yaml");
		expect(await runProgram(["init", path])).toMatchObject({ code: 0, stderr: "" });
		expect((await runProgram(["validate", "--strict", path])).code).toBe(0);
		await writeFile(path, "mine");
		const again = await runProgram(["init", path]);
		expect([again.code, again.stdout]).toEqual([1, ""]);
		expect(again.stderr).toBe(`error: ${path} is not written: it is there already; --force writes over it\n`);
		expect((await runProgram(["init", "--force", path])).code).toBe(0);
		expect((await runProgram(["validate", path])).code).toBe(0);
	});

	it.each(["serve", "validate"])("is what %s without a config says", (command) => {
		return new Promise<void>((resolve, reject) => {
			execFile(process.execPath, [MAIN, command], { cwd: folder.path, timeout: PATIENCE }, (error, _, stderr) => {
				try {
					expect([error?.code, stderr]).toEqual([
						1,
						"error: there is no fingerpost.yaml here: `fingerpost init` writes one to begin with, and --config FILE names another\n",
					]);
					resolve();
				} catch (reason) {
					reject(reason);
				}
			});
		});
	});
});
