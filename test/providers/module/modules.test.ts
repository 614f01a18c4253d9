import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { WatchedTarget } from "../../../lab/kube-lab.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { ControlPlane } from "../../../src/app/control-plane.js";
import { loadConfig } from "../../../src/config/load.js";
import { InvalidConfig } from "../../../src/input/invalid-config.js";
import { parseTarget } from "../../../src/model/target.js";
import { loadModule } from "../../../src/providers/module/load-module.js";
import { ProviderSet } from "../../../src/providers/provider-set.js";
import { Registry } from "../../../src/providers/registry.js";
import { tempFolder } from "../../util/temp-folder.js";

let folder: string;
let modules = 0;

beforeEach(async () => {
	const temp = await tempFolder();
	folder = temp.path;
	return () => temp[Symbol.asyncDispose]();
});

const WORKING = `export default {
	type: "mine",
	options: (written) => ({ address: "127.0.0.1:1", ...written }),
	create: ({ address }) => ({ watch: (target, observer) => observer.endpoints([address]) }),
};`;

async function write(files: Readonly<Record<string, string>>): Promise<string> {
	for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
	return join(folder, "fingerpost.yaml");
}

/** What is wrong with a config whose provider `mine` is this module. */
async function problems(module: string | undefined, options = "", file = `mine-${++modules}.mjs`): Promise<string> {
	const config = `providers:\n  mine:\n    module: ./${file}\n${options}services:\n  web: mine:///web\n`;
	const path = await write({ "fingerpost.yaml": config, ...(module !== undefined && { [file]: module }) });
	const error = await loadConfig(path, { env: {} }).catch((reason: unknown) => reason);
	if (!(error instanceof InvalidConfig)) throw new Error(`no InvalidConfig: ${JSON.stringify(error)}`);
	return error.message.replaceAll(`${folder}/`, "").replaceAll(file, "mine.mjs");
}

/** The registry of a config whose provider `mine` is this module. */
async function registryOf(module: string): Promise<Registry> {
	// A file is read once.
	const file = `mine-${++modules}.mjs`;
	const config = `providers: {mine: {module: ./${file}}}\nservices: {}\n`;
	const registry = new Registry();
	const path = await write({ "fingerpost.yaml": config, [file]: module });
	new ProviderSet(registry).apply((await loadConfig(path, { registry, env: {} })).providers);
	return registry;
}

const providing = (body: string) => `export default { type: "mine", create: (options, tools) => (${body}) };`;

describe("a provider that a module exports", () => {
	it("serves the targets of its name in serve, with its options, found from the config file's folder", async () => {
		const config = `xds: {listen: "127.0.0.1:0"}
admin: {listen: "127.0.0.1:0"}
providers:
  mine: {module: ./mine.mjs, address: "127.0.0.1:7000"}
  other: {module: ./mine.mjs}
services:
  web: mine:///web
  two: other:///two
`;
		const path = await write({ "fingerpost.yaml": config, "mine.mjs": WORKING });
		const registry = new Registry();
		await using controlPlane = new ControlPlane(await loadConfig(path, { registry, env: {} }), { registry });
		const { admin } = await controlPlane.start();
		const seen = async (name: string) => {
			const response = await fetch(`http://127.0.0.1:${admin.port}/api/v1/services/${name}`);
			const { state, items } = (await response.json()) as {
				state: string;
				items: { port: number; origin: { target: string } }[];
			};
			return [state, ...items.map(({ port, origin }) => `${port} of ${origin.target}`)].join(" ");
		};
		expect(await seen("web")).toBe("synced 7000 of mine:///web");
		expect(await seen("two")).toBe("synced 1 of other:///two");
		// The same settings again: the watches go on. Others: a new instance.
		controlPlane.reload(await loadConfig(path, { registry, env: {} }));
		await write({ "fingerpost.yaml": config.replace("7000", "7001") });
		controlPlane.reload(await loadConfig(path, { registry, env: {} }));
		await waitUntil("the new instance serves", async () => (await seen("web")) === "synced 7001 of mine:///web");
		await write({
			"fingerpost.yaml": `${config.replace(/providers:[\s\S]*services:/, "services:").replace(/ {2}\w+: \w+:.*\n/g, "")}  {}\n`,
		});
		controlPlane.reload(await loadConfig(path, { registry, env: {} }));
		expect(registry.schemes).not.toContain("mine");
	});

	it.each([
		["is not there", undefined, "./mine.mjs: there is no such file"],
		["throws", 'throw new Error("no licence");', "./mine.mjs: it cannot be loaded: no licence"],
		["is no JavaScript", "export default {", "./mine.mjs: it cannot be loaded: "],
		["imports what is not there", 'import "./nothing.mjs";', "./mine.mjs: it cannot be loaded: Cannot find module"],
		[
			"has no default export",
			"export const type = 1;",
			"./mine.mjs: it has no default export; expected a kind of provider: {type, schemes, options, check, create}",
		],
		["exports a function", "export default () => 1;", "./mine.mjs: its default export is the function"],
		[
			"has no type",
			"export default { create() {} };",
			"./mine.mjs: its type is missing; expected a name of lower-case letters",
		],
		[
			"has no create",
			'export default { type: "mine" };',
			"./mine.mjs: its create is missing; expected a function that gives a provider",
		],
		[
			"has schemes that are none",
			'export default { type: "mine", schemes: ["M:"], create() {} };',
			'./mine.mjs: its schemes are no list of schemes such as ["mine"]',
		],
		[
			"has options that are none",
			'export default { type: "mine", options: 5, create() {} };',
			"./mine.mjs: its options are the number 5; expected a zod schema",
		],
		[
			"has a misspelt key",
			'export default { type: "mine", chek() {}, create() {} };',
			'./mine.mjs: its default export has an unknown key "chek"; did you mean "check"?',
		],
	])("that %s is told at its place", async (_, module, problem) => {
		expect(await problems(module)).toContain(`fingerpost.yaml:3:13 providers.mine.module: ${problem}`);
	});

	it("is read again once it is mended", async () => {
		expect(await problems("export default {", "", "mine.mjs")).toContain("it cannot be loaded: ");
		expect(await problems('throw new Error("still");', "", "mine.mjs")).toContain("still");
		const path = await write({ "mine.mjs": WORKING });
		expect((await loadConfig(path, { env: {} })).services.size).toBe(1);
	});

	it("that is not loaded in time is told so", async () => {
		await write({ "mine.mjs": "await new Promise(() => setTimeout(() => {}, 1e6).unref());" });
		expect(await loadModule(join(folder, "mine.mjs"), undefined, 50)).toEqual({
			problem: "it cannot be loaded: it is not loaded after 0.05 s: does it wait for something at its top level?",
		});
	});

	it("takes the options that its schema or function takes", async () => {
		const zod = JSON.stringify(import.meta.resolve("zod"));
		const schema = `import { z } from ${zod};
export default { type: "mine", options: z.strictObject({ port: z.int() }), create() {} };`;
		expect(await problems(schema, "    port: x\n")).toMatch(/^fingerpost.yaml:4:11 providers.mine.port: /);
		const throwing = 'export default { type: "mine", options() { throw new Error("port is missing"); }, create() {} };';
		expect(await problems(throwing)).toBe("fingerpost.yaml:3:5 providers.mine: port is missing");
		const none = 'export default { type: "mine", create() {} };';
		expect(await problems(none, "    port: 5\n")).toBe(
			"fingerpost.yaml:4:11 providers.mine.port: the module takes no options",
		);
		const late = 'export default { type: "mine", async options() { return {}; }, create() {} };';
		expect(await problems(late)).toContain("the module's options gave a promise; expected keys with values, at once");
	});

	it("has a name that can be a scheme and is no other's", async () => {
		const path = await write({
			"mine.mjs": WORKING,
			"fingerpost.yaml":
				"providers:\n  My: {module: ./mine.mjs}\n  k8s: {module: ./mine.mjs}\n  a: {module: 5}\n  b: {module: ./mine.mjs, type: dns}\nservices: {}\n",
		});
		await expect(loadConfig(path, { env: {} })).rejects.toThrow(
			expect.objectContaining({
				message: expect.stringMatching(
					/My: the name is the scheme[\s\S]*k8s: the scheme k8s is served by kubernetes[\s\S]*a\.module: expected the path of a module[\s\S]*b\.type: give either type or module/,
				),
			}),
		);
	});

	it("checks targets, and a check that fails is a problem of the target", async () => {
		const module = (check: string) => `export default { type: "mine", check: ${check}, create() {} };`;
		expect(await problems(module("() => 'no such thing'"))).toContain(
			'fingerpost.yaml:5:8 services.web: "mine:///web": no such thing',
		);
	});

	it("of a program's object is refused with what to do", () => {
		expect(() => new Registry({ providers: { mine: { module: "./mine.mjs" } } })).toThrow(
			"providers.mine.module: ./mine.mjs: a module is loaded with a config file only; in a program, registry.register() takes the provider itself",
		);
	});
});

describe("what a module does wrong", () => {
	it.each([
		[
			"throws in create",
			'export default { type: "mine", create() { throw new Error("ouch"); } };',
			"failed: ",
			'the module of "mine" is at fault: its create() failed: ouch',
		],
		[
			"creates nothing",
			'export default { type: "mine", create() {} };',
			"failed: ",
			'the module of "mine" is at fault: its create() gave no provider with a watch()',
		],
		["throws in watch", providing("{ watch() { throw new Error('ouch'); } }"), "failed: ", "ouch"],
		["rejects in watch", providing("{ async watch() { throw new Error('ouch'); } }"), "failed: ", "ouch"],
		["throws a text", providing("{ watch() { throw 'ouch'; } }"), "failed: ", "ouch"],
		["fails with a text", providing("{ watch(_, observer) { observer.failed('ouch'); } }"), "failed: ", "ouch"],
		[
			"gives no list",
			providing("{ watch(_, observer) { observer.endpoints('ouch'); } }"),
			"failed: ",
			"the module gave no list of endpoints",
		],
	])("where it %s is a failure of its targets", async (_, module, state, error) => {
		const registry = await registryOf(module);
		using watched = new WatchedTarget(registry, "mine:///web");
		await watched.is(state);
		expect(watched.errors).toEqual([error]);
	});

	it("in some of its endpoints leaves the others alone", async () => {
		const list =
			'[null, "10.0.0.1:80", { address: "10.0.0.2", port: 0 }, "10.0.0.3", { address: "10.0.0.4", port: 81, weight: 7 }]';
		const registry = await registryOf(
			providing(`{ watch: (_, observer) => observer.endpoints(${list}, { notes: ["own", 5] }) }`),
		);
		using watched = new WatchedTarget(registry, "mine:///web");
		await watched.is("synced: 10.0.0.1:80, 10.0.0.4:81");
		expect(watched.watch.notes).toEqual([
			"own",
			expect.stringMatching(/^endpoint 1 is left out: /),
			"endpoint 3 is left out: address: the port must be 1 to 65535, not 0",
			expect.stringMatching(/^endpoint 4 is left out: /),
		]);
	});

	it("after the end of a watch is not heard", async () => {
		const module = providing(
			"{ watch: (_, observer) => { observer.endpoints([]); setTimeout(() => observer.endpoints(['10.0.0.1:80']), 20); setTimeout(() => observer.failed('late'), 20); } }",
		);
		const registry = await registryOf(module);
		const watched = new WatchedTarget(registry, "mine:///web");
		watched[Symbol.dispose]();
		await delay(60);
		expect(watched.states).toEqual(["synced: "]);
		expect(watched.errors).toEqual([]);
	});

	it("is its own while it gives nothing: others are served", async () => {
		const config = `xds: {listen: "127.0.0.1:0"}
admin: {listen: "127.0.0.1:0"}
syncDeadline: 1s
providers: {mine: {module: ./mine.mjs}}
discover: ["mine:///*"]
services: {silent: "mine:///silent", web: "127.0.0.1:80"}
`;
		const module = `export default { type: "mine", checkAll: () => undefined, create: () => ({ watch() {}, watchAll() { throw new Error("ouch"); } }) };`;
		const path = await write({ "fingerpost.yaml": config, "mine.mjs": module });
		const registry = new Registry();
		await using controlPlane = new ControlPlane(await loadConfig(path, { registry, env: {} }), { registry });
		const { admin } = await controlPlane.start();
		const get = async (url: string) => (await fetch(`http://127.0.0.1:${admin.port}/api/v1/${url}`)).json();
		expect(await get("services/web")).toMatchObject({ state: "synced" });
		expect(await get("services/silent")).toMatchObject({ state: "unknown" });
		expect(await get("registries")).toMatchObject({ registries: [{ state: "failed", lastError: "ouch" }] });
	});
});

describe("discover() of a module", () => {
	it("may be missing: it is what the watch says first", async () => {
		const registry = await registryOf(
			providing("{ watch: (_, observer) => setTimeout(() => observer.endpoints(['10.0.0.1:80']), 5) }"),
		);
		expect(await registry.discover("mine:///web")).toMatchObject([{ address: "10.0.0.1", port: 80 }]);
		const failing = await registryOf(providing("{ watch: (_, observer) => observer.failed(new Error('ouch')) }"));
		await expect(failing.discover("mine:///web")).rejects.toThrow("ouch");
	});

	it("says that there is no such service by an error of Fingerpost's, which it is given", async () => {
		const registry = await registryOf(
			providing("tools.poll(async () => { throw new tools.ServiceNotFound('no web'); })"),
		);
		await expect(registry.discover("mine:///web")).rejects.toMatchObject({
			code: "SERVICE_NOT_FOUND",
			message: "no web",
		});
		using watched = new WatchedTarget(registry, "mine:///web");
		await watched.is("synced: ");
		expect(watched.watch.notes).toEqual(["no web"]);
		expect(parseTarget("mine:///web").scheme).toBe("mine");
	});
});
