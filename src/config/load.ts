import { createHash } from "node:crypto";
import { InvalidConfig, invalidObject } from "../input/invalid-config.js";
import { fileProblem } from "../input/problem.js";
import { readYaml } from "../input/yaml/read-yaml.js";
import { plainWords } from "../input/zod-problems.js";
import type { Endpoint, Origin } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import { Registry } from "../providers/registry.js";
import { messageOf } from "../util/errors.js";
import { readTextFile } from "../util/read-text-file.js";
import type { Config } from "./config.js";
import { type Environment, environmentSubstitute } from "./environment.js";
import type { KnownServices } from "./known-services.js";
import { type ConfigInput, type ConfigOutput, configSchema } from "./schema.js";
import { TargetReader } from "./target-reader.js";

export interface LoadConfigOptions {
	/** Says which targets there can be; the providers that Fingerpost brings unless given. */
	readonly registry?: Registry;
	/** Where `${VAR}` is looked up; `process.env` unless given. */
	readonly env?: Environment | undefined;
	/** Ends the reading, with its reason as the error. */
	readonly signal?: AbortSignal | undefined;
}

export interface LoadOptions extends LoadConfigOptions {
	/** Keeps the services between one reading of a file and the next; nothing is kept unless given. */
	readonly knownServices?: KnownServices;
}

/**
 * Reads and checks a config file, for a ControlPlane.
 * @throws InvalidConfig with every problem at once, each at its file:line:column; the signal's reason if it fires.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<Config> {
	let text: string;
	try {
		text = (await readTextFile(path, options)).content;
	} catch (error) {
		options.signal?.throwIfAborted();
		throw unreadable(path, error);
	}
	return parseConfig(text, path, options);
}

/**
 * Checks the text of a config.
 * @param file its name in the problems and in the endpoints' origin.
 * @throws InvalidConfig with every problem at once.
 */
export function parseConfig(text: string, file: string, options: LoadOptions): Config {
	const { registry = new Registry(), env = process.env, knownServices } = options;
	const substitute = environmentSubstitute(env);
	const { schema, targets } = schemaFor(registry);
	const made = (value: ConfigOutput) => configOf(value, { target: "inline", object: file }, digestOf(text));
	const check = (value: unknown) => {
		const result = schema.safeParse(value, { error: plainWords });
		return result.success ? made(result.data) : undefined;
	};
	const quick = knownServices?.read(text, file, { substitute, check, targets });
	if (quick) return quick;
	const { value, problems } = readYaml(text, schema, { file, substitute });
	if (problems) throw new InvalidConfig(problems);
	return made(value);
}

/**
 * Checks a config that a program wrote as an object, with the keys of the file. Variables are not replaced.
 * @throws InvalidConfig with every problem at once.
 */
export function readConfig(written: ConfigInput, { registry }: { readonly registry: Registry }): Config {
	const result = schemaFor(registry).schema.safeParse(written, { error: plainWords });
	if (result.success) return configOf(result.data, { target: "inline" }, digestOf(JSON.stringify(written)));
	throw invalidObject(result.error);
}

interface SchemaAndTargets {
	readonly schema: ReturnType<typeof configSchema>;
	readonly targets: TargetReader;
}

/** To make a schema takes longer than to check a small config. */
const SCHEMAS = new WeakMap<Registry, SchemaAndTargets>();

/** For one config: it remembers the providers that this makes. */
function schemaFor(registry: Registry): SchemaAndTargets {
	let made = SCHEMAS.get(registry);
	if (!made) {
		const targets = new TargetReader(registry);
		made = { schema: configSchema(registry, targets), targets };
		SCHEMAS.set(registry, made);
	}
	made.targets.forget();
	return made;
}

function configOf(value: ConfigOutput, origin: Origin, digest: string): Config {
	const services = new Map<string, ServiceDefinition>();
	for (const [name, { protocol, connectTimeout, targets, endpoints }] of Object.entries(value.services)) {
		const written = endpoints?.map((endpoint): Endpoint => ({ ...endpoint, origin }));
		services.set(name, { name, protocol, connectTimeout, targets, ...(written ? { endpoints: written } : {}) });
	}
	return { ...value, services, digest };
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
