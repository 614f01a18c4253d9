import type { Substitute } from "../variables.js";
import { MAX_DEPTH } from "./yaml-words.js";

/** Whether a text may be JSON: YAML's own forms seldom begin so. */
export function looksLikeJson(text: string): boolean {
	return /^\s*[[{]/.test(text);
}

/**
 * The value of a JSON text, variables replaced. Undefined where it is no JSON, or where there is something to tell of
 * it (a key that is there twice, a variable without a value): then it is read as the YAML that JSON also is.
 */
export function readJson(text: string, substitute: Substitute | undefined): { readonly value: unknown } | undefined {
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		return undefined;
	}
	const walk = new JsonWalk(substitute && text.includes("$") ? substitute : undefined);
	const value = walk.value(parsed, 0);
	// Of a key that is there twice JSON.parse keeps the last.
	return walk.sound && walk.members === colonsOutsideOfTexts(text) ? { value } : undefined;
}

class JsonWalk {
	readonly #substitute: Substitute | undefined;
	members = 0;
	sound = true;

	constructor(substitute: Substitute | undefined) {
		this.#substitute = substitute;
	}

	/** The value itself, with variables replaced in it. */
	value(value: unknown, depth: number): unknown {
		if (typeof value === "string") return this.#substitute ? this.#replaced(value, this.#substitute) : value;
		if (typeof value !== "object" || value === null) return value;
		if (depth >= MAX_DEPTH - 1) this.sound = false;
		if (!this.sound) return value;
		if (Array.isArray(value)) {
			for (let i = 0; i < value.length; i++) value[i] = this.value(value[i], depth + 1);
			return value;
		}
		const map = value as Record<string, unknown>;
		for (const key of Object.keys(map)) {
			this.members++;
			if (key === "__proto__") this.sound = false;
			else map[key] = this.value(map[key], depth + 1);
		}
		return map;
	}

	#replaced(text: string, substitute: Substitute): string {
		try {
			return substitute(text);
		} catch {
			this.sound = false;
			return text;
		}
	}
}

const COLON = 58;
const QUOTE = 34;
const BACKSLASH = 92;

/** In JSON there is one for each member of an object. */
function colonsOutsideOfTexts(text: string): number {
	let count = 0;
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === COLON) count++;
		else if (code === QUOTE) at = endOfText(text, at);
	}
	return count;
}

/** Where the text ends that begins with this quote. */
function endOfText(text: string, start: number): number {
	for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
		let slashes = 0;
		while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
		if (slashes % 2 === 0) return end;
	}
	return text.length;
}
