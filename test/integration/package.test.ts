import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/.bin/tsc");

/** A whole run of npm; an install takes seconds where its cache is warm. */
const NPM_LIMIT_MS = 170_000;

const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT/;

/** A program as a user writes it: each export is used, and its types. */
const PROGRAM = `
import {
	type Addresses, type AnswerDetails, addressOf, Client, type ClientOptions, type Config, type ConfigInput,
	ControlPlane, type ControlPlaneOptions, type DiscoveredEndpoint, type Endpoint, type EndpointDiff,
	type EndpointFields, type EndpointInput, type EndpointParts, endpoint, isReady, readyEndpoints, type RegistryOptions,
	type ServicesInput, urlOf,
	type ErrorCode, FingerpostError, type Health, InvalidConfig, InvalidEndpoints, InvalidTarget, type Locality,
	loadConfig, type LookUp, NoReadyEndpoints, parseTarget, poll, type PollOptions, type Problem, type Provider, type ReadyEndpoint, Registry,
	ServiceNotFound, SourceFailed, type Target, type TargetObserver, UnsupportedScheme, type WatchEvent, type WatchOptions,
} from "fingerpost";

class Shelf implements Provider {
	readonly #observers = new Set<TargetObserver>();
	#list: readonly Endpoint[] = [endpoint({ address: "10.0.0.1", port: 80 })];

	async discover(target: Target): Promise<readonly Endpoint[]> {
		if (target.authority === "none") throw new ServiceNotFound("nothing there");
		return this.#list;
	}

	watch(_target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		this.#observers.add(observer);
		signal.addEventListener("abort", () => this.#observers.delete(observer));
		observer.endpoints(this.#list);
	}

	put(...list: readonly Endpoint[]): void {
		const details: AnswerDetails = { changedAt: new Date(), notes: [] };
		this.#list = list;
		for (const observer of this.#observers) observer.endpoints(list, details);
	}

	get watched(): number {
		return this.#observers.size;
	}
}

const seen: Record<string, unknown> = {};
const shelf = new Shelf();
const registry: Registry = new Registry().register("shelf", shelf);
seen.parsed = parseTarget("shelf://web").authority;
seen.discovered = (await registry.discover("shelf://web")).map(addressOf);
const named: ServicesInput = { web: "shelf://web", both: { targets: ["shelf://web", { target: "127.0.0.1:1", priority: 1 }] } };
const found: readonly DiscoveredEndpoint[] = await registry.define(named).discover("both");
seen.found = found.map(({ url, ready, priority }) => [url, ready, priority]);
seen.ready = [found.filter(isReady).length, readyEndpoints(found).map((each) => each.url), urlOf({ address: "::1", port: 1 })];
const ofServices: RegistryOptions = { services: { local: "127.0.0.1:7" }, maxEndpoints: 5 };
for await (const { endpoints } of new Registry(ofServices).watch("local")) {
	seen.watchedByName = endpoints.map(urlOf);
	break;
}
const maybe: string | undefined = undefined;
const fields: EndpointFields = { address: "10.0.0.9", port: 9, hostname: maybe, locality: { zone: "a" } };
const parts: EndpointParts = { ...(found[0] as DiscoveredEndpoint), weight: 3 };
seen.made = [endpoint(fields).locality.zone, parts.weight];
try {
	endpoint({ address: "0.0.0.0", port: 0 });
} catch (error) {
	if (!(error instanceof InvalidEndpoints)) throw error;
	seen.refused = error.problems.map(({ file, line, path }: Problem) => [file ?? null, line ?? null, path]);
}

const failed = async (of: () => unknown): Promise<ErrorCode | undefined> => {
	try {
		await of();
	} catch (error) {
		if (error instanceof FingerpostError) return error.code;
		throw error;
	}
	return undefined;
};
seen.errors = [
	await failed(() => registry.discover("shelf://none")),
	await failed(() => registry.parse("nope://x")),
	await failed(() => parseTarget("nonsense")),
	await failed(() => new ControlPlane({ services: { "a b": "127.0.0.1:1" } })),
];
seen.classes = [InvalidConfig, InvalidEndpoints, InvalidTarget, NoReadyEndpoints, SourceFailed, UnsupportedScheme]
	.every((each) => each.prototype instanceof FingerpostError);

const options: WatchOptions = { onError: (error) => console.error(error.message) };
const types: WatchEvent["type"][] = [];
for await (const event of registry.watch("shelf://web", options)) {
	const difference: EndpointDiff = event;
	types.push(event.type);
	if (difference.changed.length > 0) break;
	shelf.put(endpoint({ address: "10.0.0.1", port: 80, weight: 50 }));
}
seen.types = types;

const lookUp: LookUp = async (target, { signal, previous }) =>
	previous ?? { endpoints: await shelf.discover(target), maxAge: signal.aborted ? 0 : 60_000 };
const pace: PollOptions = { interval: 5_000, backoff: { max: 10_000 } };
registry.register("polled", poll(lookUp, pace));
for await (const { endpoints } of registry.watch("polled://web")) {
	seen.polled = endpoints.map((each) => each.weight);
	break;
}

const health: Health = "draining";
const locality: Locality = { region: "eu", zone: "", subZone: "" };
shelf.put(endpoint({ address: "10.0.0.1", port: 80, health }), endpoint({ address: "10.0.0.2", port: 80, locality }));
const how: ClientOptions = { registry };
const client = await new Client("shelf://web", how).connect();
const chosen: ReadyEndpoint = client.next();
seen.url = chosen.url;
client.close();
seen.watched = shelf.watched;

const written: ConfigInput = {
	xds: { listen: "127.0.0.1:0" },
	admin: { listen: "127.0.0.1:0" },
	services: { web: "shelf://web", other: { endpoints: ["127.0.0.1:1"], protocol: "grpc" } },
};
const settings: ControlPlaneOptions = { registry };
const controlPlane = new ControlPlane(written, settings);
const inputs: readonly EndpointInput[] = ["10.0.0.3:80", { address: "10.0.0.4", port: 80, locality: { zone: "a" } }];
controlPlane.set("own", inputs, { protocol: "http2" });
controlPlane.set("found", found);
const { admin }: Addresses = await controlPlane.start();
const answer = await fetch(\`http://127.0.0.1:\${admin.port}/api/v1/services\`, { headers: { connection: "close" } });
const { services } = (await answer.json()) as { services: { name: string; endpoints: { total: number } }[] };
seen.byConfig = (await new Registry(await loadConfig(process.argv[3] ?? "")).discover("one")).map(({ url }) => url);
seen.services = Object.fromEntries(services.map(({ name, endpoints }) => [name, endpoints.total]));
const config: Config = await loadConfig(process.argv[2] ?? "", { registry });
controlPlane.reload(config);
await controlPlane.stop();
const problem: Problem | undefined = undefined;
seen.problem = problem ?? null;
console.log(JSON.stringify(seen));
`;

const TSCONFIG = {
	// As a user's may be; skipLibCheck is off so that our own declarations are checked, and those they stand on.
	compilerOptions: {
		...{ target: "es2023", lib: ["es2023"], module: "nodenext", types: ["node"] },
		...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
	},
	files: ["program.ts"],
};

/** What npm tells its scripts of the package that it runs in would lead another npm back there. */
const ENV = Object.fromEntries(
	Object.entries(process.env).filter(([name]) => !/^npm_(package_|lifecycle_|config_local_prefix$)/i.test(name)),
);

const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];
const INSTALL = ["install", "--ignore-scripts", "--omit=dev", "--prefer-offline", ...QUIET];

const NEEDED = "Kubernetes needs the package @kubernetes/client-node, which is not installed; install it: npm install";

describe.each([
	["whole", []],
	["without what is optional", ["--omit=optional"]],
])("the package, installed elsewhere, %s", (_, omitted) => {
	const isWhole = omitted.length === 0;
	let folder: Awaited<ReturnType<typeof tempFolder>>;
	let app: string;
	/** What is not to be had for these tests. */
	let missing: string | undefined;

	async function inApp(command: string, ...args: readonly string[]): Promise<string> {
		const { stdout } = await run(command, args, { cwd: app, env: ENV, timeout: NPM_LIMIT_MS }).catch((error) => {
			throw new Error(`${command} ${args.join(" ")}: ${error.stdout}${error.stderr}`, { cause: error });
		});
		return stdout;
	}

	beforeAll(async () => {
		folder = await tempFolder();
		app = folder.path;
		const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", app], {
			cwd: ROOT,
			env: ENV,
			timeout: NPM_LIMIT_MS,
		});
		const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
		await writeFile(folder.file("package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
		await writeFile(folder.file("tsconfig.json"), JSON.stringify(TSCONFIG));
		await writeFile(folder.file("program.ts"), PROGRAM);
		await writeFile(folder.file("fingerpost.yaml"), "services: {web: shelf://web}\n");
		await writeFile(folder.file("named.yaml"), "services: {one: 127.0.0.1:5}\n");
		await inApp("npm", ...INSTALL, ...omitted, `./${filename}`).catch((error: Error) => {
			if (process.env.CI === "true" || !OFFLINE.test(error.message)) throw error;
			missing = `the npm registry cannot be reached: ${OFFLINE.exec(error.message)?.[0]}`;
		});
	});

	beforeEach((context) => context.skip(missing !== undefined, missing));

	afterAll(() => folder[Symbol.asyncDispose]());

	it("has the built program, bootstraps, examples and docs, and neither sources nor tests", async () => {
		expect((await readdir(join(app, "node_modules/fingerpost"))).sort()).toEqual([
			...["CHANGELOG.md", "LICENSE", "README.md", "THIRD-PARTY.md"],
			...["dist", "docs", "envoy", "examples", "package.json"],
		]);
	});

	it("does what its types say, for a strict program that checks them all", async () => {
		await inApp(TSC, "-p", "tsconfig.json");
		expect(JSON.parse(await inApp(process.execPath, "program.ts", "fingerpost.yaml", "named.yaml"))).toEqual({
			parsed: "web",
			discovered: ["10.0.0.1:80"],
			found: [
				["http://10.0.0.1:80", true, 0],
				["http://127.0.0.1:1", true, 1],
			],
			ready: [2, ["http://10.0.0.1:80", "http://127.0.0.1:1"], "http://[::1]:1"],
			watchedByName: ["http://127.0.0.1:7"],
			made: ["a", 3],
			refused: [
				[null, null, "address"],
				[null, null, "port"],
			],
			byConfig: ["http://127.0.0.1:5"],
			errors: ["SERVICE_NOT_FOUND", "UNSUPPORTED_SCHEME", "INVALID_TARGET", "INVALID_CONFIG"],
			classes: true,
			types: ["add", "update"],
			polled: [50],
			url: "http://10.0.0.2:80",
			watched: 0,
			services: { found: 2, other: 1, own: 2, web: 2 },
			problem: null,
		});
	});

	it("would tell a program that uses it wrongly", async () => {
		const wrong = 'import { Client } from "fingerpost";\nnew Client(80).next().uri;\n';
		await writeFile(folder.file("program.ts"), wrong);
		try {
			await expect(inApp(TSC, "-p", "tsconfig.json")).rejects.toThrow(/TS2345[\s\S]*TS2339/);
		} finally {
			await writeFile(folder.file("program.ts"), PROGRAM);
		}
	});

	it("has Kubernetes, or says how to get it", async () => {
		expect((await readdir(join(app, "node_modules"))).includes("@kubernetes")).toBe(isWhole);
		const config = "providers: {kubernetes: {server: http://127.0.0.1:1}}\nservices: {web: k8s:///shop/web}\n";
		await writeFile(folder.file("kubernetes.yaml"), config);
		const commands = [
			["validate", "kubernetes.yaml"],
			["discover", "--timeout", "100ms", "k8s:///shop/web"],
		].map((command) => inApp("npx", "--no", "fingerpost", ...command));
		const [validated, discovered] = await Promise.allSettled(commands);
		if (isWhole) {
			expect(validated).toMatchObject({ status: "fulfilled" });
			expect(discovered).toMatchObject({ reason: { message: expect.not.stringContaining(NEEDED) } });
		} else {
			expect(validated).toMatchObject({
				reason: { message: expect.stringContaining(`kubernetes.yaml:1:25 providers.kubernetes: ${NEEDED}`) },
			});
			expect(validated).toMatchObject({
				reason: { message: expect.stringContaining(`kubernetes.yaml:2:17 services.web: "k8s:///shop/web": ${NEEDED}`) },
			});
			expect(discovered).toMatchObject({ reason: { message: expect.stringContaining(NEEDED) } });
		}
	});

	it("is also the command, which serves", async () => {
		const version = await inApp("npx", "--no", "fingerpost", "version");
		expect(version).toMatch(/^fingerpost \d+\.\d+\.\d+\n$/);
		const listen = "{listen: 127.0.0.1:0}";
		await writeFile(folder.file("static.yaml"), `xds: ${listen}\nadmin: ${listen}\nservices: {web: "127.0.0.1:1"}\n`);
		const main = join(app, "node_modules/fingerpost/dist/main.js");
		await using server = new Child(process.execPath, [main, "serve", "--config", "static.yaml"], {
			cwd: app,
			env: ENV,
		});
		await waitUntil("it serves", () => server.stdout.some((line) => / ready .* services=1 endpoints=1$/.test(line)));
		expect(await server.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	});

	it("lets nobody import what is not public", async () => {
		const inner = 'await import("fingerpost/dist/catalog/catalog.js")';
		await expect(inApp(process.execPath, "--input-type=module", "--eval", inner)).rejects.toThrow(
			"ERR_PACKAGE_PATH_NOT_EXPORTED",
		);
	});
});
