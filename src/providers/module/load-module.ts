import { access } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../util/errors.js";
import { isMissing } from "../../util/files/read-text-file.js";
import { withinLimit } from "../../util/time-limit.js";
import { type LoadedModule, moduleKind } from "./module-kind.js";

/** How long a module may take to be loaded, in milliseconds: it may wait for something at its top level. */
const LIMIT_MS = 10_000;

/** As Node keeps modules, so are these kept: a file is read once. */
const LOADED = new Map<string, LoadedModule>();
/** How often a file could not be used; each time it is read anew. */
const TRIES = new Map<string, number>();

/**
 * Loads a file that exports a kind of provider. One that cannot be used is read again the next time.
 * @param limit milliseconds.
 * @throws the signal's reason once it fires.
 */
export async function loadModule(path: string, signal?: AbortSignal, limit = LIMIT_MS): Promise<LoadedModule> {
	const known = LOADED.get(path);
	if (known && known.problem === undefined) return known;
	const tries = TRIES.get(path) ?? 0;
	TRIES.set(path, tries + 1);
	const { href } = pathToFileURL(path);
	const late = () =>
		new Error(`it is not loaded after ${limit / 1_000} s: does it wait for something at its top level?`);
	let loaded: LoadedModule;
	try {
		await access(path);
	} catch (error) {
		return { problem: isMissing(error) ? "there is no such file" : `it cannot be read: ${messageOf(error)}` };
	}
	try {
		const found = await withinLimit({ ms: limit, late, signal }, () => import(tries === 0 ? href : `${href}?${tries}`));
		// Another config may have loaded it meanwhile: it is one kind.
		const other = LOADED.get(path);
		loaded = other?.problem === undefined && other ? other : moduleKind(found as Readonly<Record<string, unknown>>);
	} catch (error) {
		signal?.throwIfAborted();
		loaded = { problem: `it cannot be loaded: ${messageOf(error)}` };
	}
	LOADED.set(path, loaded);
	return loaded;
}
