import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SavedService } from "../../src/catalog/keep/saved.js";
import { decodeState } from "../../src/state/state-format.js";
import { atOnce } from "../../src/util/steps.js";

/** What is kept in a state directory by now. */
export async function keptServices(folder: string): Promise<SavedService[]> {
	const files = (await readdir(folder)).filter((file) => file.endsWith(".state"));
	const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
	return texts.map((text) => atOnce(decodeState(text, new Date())).service);
}
