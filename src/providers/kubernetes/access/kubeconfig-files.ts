import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import type { Cluster, Context, KubeConfig, User } from "@kubernetes/client-node";
import { formatProblem } from "../../../input/problem.js";
import { readText } from "../../../input/text/read-text.js";
import { messageOf, SourceFailed } from "../../../util/errors.js";

/** The `tokenFile` of each user that has one: a key that the client library does not read. */
export type TokenFiles = ReadonlyMap<string, string>;

/**
 * Reads kubeconfig files into one, as kubectl does: of what has the same name in several, and of the current contexts,
 * the first counts. Paths in a file are relative to its folder.
 * @param files of several, those that do not exist count as empty.
 * @throws SourceFailed
 */
export async function readKubeconfigs(config: KubeConfig, files: readonly string[]): Promise<TokenFiles> {
	const clusters = new Map<string, Cluster>();
	const users = new Map<string, User>();
	const contexts = new Map<string, Context>();
	const tokenFiles = new Map<string, string>();
	let current: string | undefined;
	for (const file of files) {
		const text = await textOf(file, files.length > 1);
		// Nothing, or comments only: an empty config.
		if (text.split("\n").every((line) => /^\s*(#|---|$)/.test(line))) continue;
		const one = parsed(config, file, text);
		current ??= one.getCurrentContext() || undefined;
		const paths = await tokenFilesIn(text);
		for (const { name } of one.users) {
			const path = paths.get(name);
			if (path !== undefined && !users.has(name)) tokenFiles.set(name, beside(file, path));
		}
		keepFirst(clusters, one.clusters, (each) => clusterOf(each, file));
		keepFirst(users, one.users, (each) => userOf(each, file));
		keepFirst(contexts, one.contexts, (each) => each);
	}
	config.clusters = [...clusters.values()];
	config.users = [...users.values()];
	config.contexts = [...contexts.values()];
	if (current !== undefined) config.setCurrentContext(current);
	return tokenFiles;
}

async function textOf(file: string, mayBeMissing: boolean): Promise<string> {
	try {
		return await readFile(file, "utf8");
	} catch (cause) {
		if (mayBeMissing && (cause as NodeJS.ErrnoException).code === "ENOENT") return "";
		throw unreadable(file, cause);
	}
}

/** By the client library's own parser. */
function parsed(config: KubeConfig, file: string, text: string): KubeConfig {
	const one = new (config.constructor as new () => KubeConfig)();
	try {
		one.loadFromString(text);
		return one;
	} catch (cause) {
		// The library's own words have lines of the file in them, which may hold secrets.
		const [problem] = readText(text, { file }).problems;
		if (problem) throw new SourceFailed(`the kubeconfig cannot be read: ${formatProblem(problem)}`, { cause });
		throw unreadable(file, cause);
	}
}

function unreadable(file: string, cause: unknown): SourceFailed {
	return new SourceFailed(`the kubeconfig ${file} cannot be read: ${messageOf(cause)}`, { cause });
}

function keepFirst<T extends { readonly name: string }>(all: Map<string, T>, more: readonly T[], as: (one: T) => T) {
	for (const each of more) if (!all.has(each.name)) all.set(each.name, as(each));
}

async function tokenFilesIn(text: string): Promise<TokenFiles> {
	const found = new Map<string, string>();
	if (!text.includes("tokenFile")) return found;
	// Loaded for those who need it: it is a tenth of the program's start.
	const { parse } = await import("yaml");
	const { users } = (parse(text) ?? {}) as { readonly users?: unknown };
	for (const each of Array.isArray(users) ? users : []) {
		const { name, user } = (each ?? {}) as {
			readonly name?: unknown;
			readonly user?: { readonly tokenFile?: unknown };
		};
		const path = user?.tokenFile;
		if (typeof name === "string" && typeof path === "string" && path !== "") found.set(name, path);
	}
	return found;
}

/** What is written out wins over the file that is named beside it; the library has it the other way round. */
function clusterOf({ caFile, ...cluster }: Cluster, file: string): Cluster {
	return { ...cluster, ...(caFile && !cluster.caData ? { caFile: beside(file, caFile) } : {}) };
}

function userOf({ certFile, keyFile, ...user }: User, file: string): User {
	return {
		...user,
		...(certFile && !user.certData ? { certFile: beside(file, certFile) } : {}),
		...(keyFile && !user.keyData ? { keyFile: beside(file, keyFile) } : {}),
		...(user.exec ? { exec: execOf(user.exec, file) } : {}),
	};
}

/** A command with a slash is a path; one without is searched in PATH. */
function execOf(exec: NonNullable<User["exec"]>, file: string): NonNullable<User["exec"]> {
	const { command } = exec as { readonly command?: unknown };
	return typeof command === "string" && command.includes("/") ? { ...exec, command: beside(file, command) } : exec;
}

function beside(file: string, path: string): string {
	return isAbsolute(path) ? path : resolve(dirname(file), path);
}
