import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "./envoy-binary.js";

const run = promisify(execFile);
const HERE = dirname(fileURLToPath(import.meta.url));

/** How a client is started. */
export interface ClientProgram {
	readonly command: string;
	readonly args: readonly string[];
}

export type FoundClient = ClientProgram | { readonly missing: string };

export const LANGUAGES = ["js", "go", "python", "java"] as const;

export type Language = (typeof LANGUAGES)[number];

/** Made by their own tests alone, as that takes minutes: no other test waits for them. */
const OTHERS = ["cpp", "tonic-xds", "junction-core"] as const;

export type ClientName = Language | (typeof OTHERS)[number];

/** grpc-js with @grpc/grpc-js-xds, which is installed with the project. */
export const JS_CLIENT: ClientProgram = {
	command: process.execPath,
	args: ["--disable-warning=ExperimentalWarning", join(HERE, "grpc-xds-process.ts")],
};

interface Recipe {
	/** Says which tool will make and run the client: what one made, another may not run. */
	readonly tool: readonly [string, ...string[]];
	/** Makes all that the client needs in the folder. */
	readonly make: (sources: string, folder: string, limits: Limits) => Promise<void>;
	readonly program: (folder: string) => ClientProgram;
}

interface Limits {
	readonly timeout: number;
	readonly maxBuffer: number;
	readonly signal: AbortSignal | undefined;
}

const RECIPES: Readonly<Record<Exclude<ClientName, "js">, Recipe>> = {
	go: {
		tool: ["go", "version"],
		make: async (sources, folder, limits) => {
			const what = ["-trimpath", "-ldflags=-s -w", "-mod=readonly", "-o", join(folder, "client")];
			await run("go", ["build", ...what], { ...limits, cwd: sources });
		},
		program: (folder) => ({ command: join(folder, "client"), args: [] }),
	},
	python: {
		tool: ["python3", "--version"],
		make: async (sources, folder, limits) => {
			const what = ["--only-binary=:all:", "--no-deps", "-r", join(sources, "requirements.txt"), "--target", folder];
			await run("python3", ["-m", "pip", "install", "-q", "--disable-pip-version-check", ...what], limits);
			// Beside the packages, so that it finds them without any setting.
			await copyFile(join(sources, "client.py"), join(folder, "client.py"));
		},
		program: (folder) => ({ command: "python3", args: ["-u", join(folder, "client.py")] }),
	},
	cpp: {
		tool: ["g++", "--version"],
		make: async (sources, folder, limits) => {
			await run(join(sources, "make.sh"), [folder], limits);
		},
		program: (folder) => ({ command: join(folder, "client"), args: [] }),
	},
	"tonic-xds": inRust("tonic-xds-client"),
	"junction-core": inRust("junction-client"),
	java: {
		tool: ["javac", "-version"],
		make: async (sources, folder, limits) => {
			const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
			const what = ["-DincludeScope=runtime", `-DoutputDirectory=${join(folder, "lib")}`, goal];
			await run("mvn", ["-q", "-B", "-f", join(sources, "pom.xml"), ...what], limits);
			const classPath = join(folder, "lib", "*");
			await run("javac", ["-cp", classPath, "-d", folder, join(sources, "Client.java")], limits);
		},
		program: (folder) => ({
			command: "java",
			args: ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", `${folder}:${join(folder, "lib", "*")}`, "Client"],
		}),
	},
};

/** @param name of the program, as in its Cargo.toml. */
function inRust(name: string): Recipe {
	return {
		tool: ["cargo", "--version"],
		make: async (sources, folder, limits) => {
			const [copy, target] = [join(folder, "source"), join(folder, "target")];
			// Cargo writes its lock file beside the manifest, and that names a registry.
			await cp(sources, copy, { recursive: true });
			const what = ["-q", "--manifest-path", join(copy, "Cargo.toml"), "--target-dir", target];
			await run("cargo", ["build", ...what], limits);
			await rename(join(target, "debug", name), join(folder, "client"));
			for (const each of [copy, target]) await rm(each, { recursive: true });
		},
		program: (folder) => ({ command: join(folder, "client"), args: [] }),
	};
}

/**
 * Finds the client of the language in the cache or makes it from lab/clients, with exact versions from the language's
 * own registry. Safe to call from several processes at once: each makes its own, and it comes into place by a rename.
 * At most 10 minutes a step; the signal ends it.
 */
export async function findClient(language: ClientName, signal?: AbortSignal): Promise<FoundClient> {
	return language === "js" ? JS_CLIENT : makeClient(language, join(HERE, "clients", language), language, signal);
}

/** As findClient(), for the example that users copy: `examples/grpc-LANGUAGE`. */
export async function findExample(language: Language, signal?: AbortSignal): Promise<FoundClient> {
	const sources = join(HERE, "../examples", `grpc-${language}`);
	if (language === "js") return { command: process.execPath, args: [join(sources, "client.mjs")] };
	return makeClient(language, sources, `example-${language}`, signal);
}

async function makeClient(
	language: keyof typeof RECIPES,
	sources: string,
	name: string,
	signal: AbortSignal | undefined,
): Promise<FoundClient> {
	const { tool, make, program } = RECIPES[language];
	const limits = { timeout: 600_000, maxBuffer: 16 << 20, signal };
	try {
		const [command, ...args] = tool;
		const { stdout } = await run(command, args, limits);
		const place = join(cacheFolder(), "clients", `${name}-${await keyOf(sources, stdout)}`);
		if (await exists(place)) return program(place);
		await mkdir(dirname(place), { recursive: true });
		const temporary = await mkdtemp(`${place}-making-`);
		try {
			await make(sources, temporary, limits);
			await rename(temporary, place).catch(async (reason: unknown) => {
				// Another process was faster.
				if (!(await exists(place))) throw reason;
			});
		} finally {
			await rm(temporary, { recursive: true, force: true });
		}
		return program(place);
	} catch (reason) {
		return { missing: `the gRPC client in ${language} could not be made: ${lastLine(reason)}` };
	}
}

/** What the client is made of: its sources, which say the versions too, and the tool that makes it. */
async function keyOf(sources: string, tool: string): Promise<string> {
	const hash = createHash("sha256").update(`${tool.trim()} ${process.arch}`);
	// What a user has built there is no source.
	const files = (await readdir(sources, { withFileTypes: true })).filter((each) => each.isFile());
	for (const { name } of files.sort((a, b) => (a.name < b.name ? -1 : 1)))
		hash.update(`\n${name}\n`).update(await readFile(join(sources, name)));
	return hash.digest("hex").slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}

/** What failed: the last line that the program wrote, where there is one. */
function lastLine(reason: unknown): string {
	const { stderr, message } = reason as { stderr?: string; message?: string };
	return stderr?.trim().split("\n").at(-1) || message?.trim() || String(reason);
}

// `node --import ./lab/ts-hook.mjs lab/grpc-clients.ts` makes all of them ahead of the tests.
if (import.meta.main) {
	const all = [
		...([...LANGUAGES, ...OTHERS] as const).map((name) => [name, () => findClient(name)] as const),
		...LANGUAGES.map((name) => [`example-${name}`, () => findExample(name)] as const),
	];
	for (const [name, find] of all) {
		const started = performance.now();
		const found = await find();
		if ("missing" in found) {
			console.error(found.missing);
			// The tests of the others are skipped then.
			if (!OTHERS.some((other) => other === name)) process.exitCode = 1;
		} else
			console.log(
				`${name}: ${[found.command, ...found.args].join(" ")} (${Math.round(performance.now() - started)} ms)`,
			);
	}
}
