import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";
import { InvalidConfig } from "../input/invalid-config.js";
import { fileProblem } from "../input/problem.js";
import { type ReadChecked, readChecked, readCheckedInSlices } from "../input/read-checked.js";
import type { Environment } from "../input/variables.js";
import { loadModule } from "../providers/module/load-module.js";
import type { LoadedModule } from "../providers/module/module-kind.js";
import { FileModules } from "../providers/module/module-settings.js";
import { Registry } from "../providers/registry.js";
import { messageOf } from "../util/errors.js";
import { readTextFile } from "../util/files/read-text-file.js";
import { atOnce } from "../util/steps.js";
import { checkConfig } from "./check-config.js";
import type { Config } from "./config.js";
import type { KnownServices } from "./known-services.js";
import type { ConfigInput } from "./schema.js";

export interface LoadConfigOptions {
	/** Says which targets there can be; the providers that Fingerpost brings unless given. */
	readonly registry?: Registry | undefined;
	/** Where `${VAR}` is looked up; `process.env` unless given. */
	readonly env?: Environment | undefined;
	/** Ends the reading, with its reason as the error. */
	readonly signal?: AbortSignal | undefined;
}

export interface LoadOptions extends LoadConfigOptions {
	/** Keeps the services between one reading of a file and the next; nothing is kept unless given. */
	readonly knownServices?: KnownServices;
}

export interface LoadFileOptions extends LoadOptions {
	/** For a process that does nothing else yet: the event loop is held, which takes less in all. */
	readonly atOnce?: boolean;
}

/** The largest config file that is read: 64 MiB. */
export const MAX_CONFIG_BYTES = 64 * 1024 * 1024;

/**
 * Reads and checks a config file of at most 64 MiB, for a ControlPlane.
 * @throws InvalidConfig with every problem at once, each at its file:line:column; the signal's reason if it fires.
 */
export async function loadConfig(path: string, options: LoadFileOptions = {}): Promise<Config> {
	let text: string;
	try {
		const { signal } = options;
		text = (await readTextFile(path, { ...(signal && { signal }), maxBytes: MAX_CONFIG_BYTES })).content;
	} catch (error) {
		options.signal?.throwIfAborted();
		throw unreadable(path, error);
	}
	const read = options.atOnce ? parseConfig : readWithModules;
	return withModules(path, options.signal, (modules) => read(text, path, { ...options, modules }));
}

/**
 * Reads a config, and once more if it names modules that had to be loaded first.
 * @throws what `read` throws; the signal's reason once it fires.
 */
async function withModules(
	file: string,
	signal: AbortSignal | undefined,
	read: (modules: FileModules) => Config | Promise<Config>,
): Promise<Config> {
	const modules = () => new FileModules(resolve(dirname(file)), (path) => loaded.get(path));
	const loaded = new Map<string, LoadedModule>();
	const first = modules();
	try {
		return await read(first);
	} catch (error) {
		if (first.missing.size === 0) throw error;
	}
	await Promise.all([...first.missing].map(async (path) => loaded.set(path, await loadModule(path, signal))));
	return read(modules());
}

interface WithModules {
	/** Those that the config names; none unless given. */
	readonly modules?: FileModules;
}

/**
 * Checks the text of a config at once.
 * @param file its name in the problems and in the endpoints' origin.
 * @throws InvalidConfig with every problem at once.
 */
export function parseConfig(text: string, file: string, options: LoadOptions & WithModules): Config {
	const { env = process.env } = options;
	return valid(readChecked(text, stepsFor(text, file, options), { file, variables: env }));
}

/**
 * Checks the text of a config, with the event loop let go in between.
 * @param file its name in the problems and in the endpoints' origin.
 * @throws InvalidConfig with every problem at once; what the signal says, when it ends the reading.
 */
export function readConfigText(text: string, file: string, options: LoadOptions): Promise<Config> {
	return withModules(file, options.signal, (modules) => readWithModules(text, file, { ...options, modules }));
}

async function readWithModules(text: string, file: string, options: LoadOptions & WithModules): Promise<Config> {
	const { env = process.env, signal } = options;
	return valid(await readCheckedInSlices(text, stepsFor(text, file, options), { file, variables: env, signal }));
}

/**
 * Checks a config that a program wrote as an object, with the keys of the file. Variables are not replaced.
 * @throws InvalidConfig with every problem at once.
 */
export function readConfig(
	written: ConfigInput,
	{ registry = new Registry() }: Pick<LoadOptions, "registry"> = {},
): Config {
	const digest = digestOf(JSON.stringify(written));
	const { value, findings } = atOnce(checkConfig(written, { registry, digest }));
	if (findings) throw InvalidConfig.of(findings);
	return value;
}

/**
 * A config as it was loaded, or as readConfig gives it.
 * @throws InvalidConfig with every problem at once.
 */
export function asConfig(config: Config | ConfigInput, options: Pick<LoadOptions, "registry">): Config {
	return config.services instanceof Map ? (config as Config) : readConfig(config as ConfigInput, options);
}

function stepsFor(text: string, file: string, options: LoadOptions & WithModules) {
	const { registry = new Registry(), knownServices: known, modules } = options;
	return (written: unknown) => checkConfig(written, { registry, file, digest: digestOf(text), known, modules });
}

function valid({ value, problems }: ReadChecked<Config>): Config {
	if (problems) throw new InvalidConfig(problems);
	return value;
}

/** Equal exactly for equal texts. */
export function digestOf(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

/** The config as it is when its file cannot be read. */
export function unreadable(path: string, cause: unknown): InvalidConfig {
	const message = messageOf(cause);
	// The place is told already.
	return new InvalidConfig(
		[fileProblem(path, message.startsWith(`${path} `) ? message.slice(path.length + 1) : message)],
		{
			cause,
		},
	);
}
