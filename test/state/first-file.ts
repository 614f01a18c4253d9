import { createHash } from "node:crypto";
import type { SavedService } from "../../src/catalog/keep/saved.js";
import { encodeService } from "../../src/state/state-format.js";
import { atOnce } from "../../src/util/steps.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A file as it was before there was a journal. */
export function firstFile(saved: SavedService): { readonly name: string; readonly text: string } {
	return firstFileOf(saved.name, atOnce(encodeService(saved)), 2);
}

export function firstFileOf(service: string, body: string, format: number): { name: string; text: string } {
	const head = { fingerpost: "state", format, sha256: sha256(body) };
	return { name: `${sha256(service).slice(0, 32)}.state`, text: `${JSON.stringify(head)}\n${body}` };
}
