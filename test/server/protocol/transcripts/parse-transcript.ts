import type { TypeId } from "../../../../src/resources/resource-type.js";
import { RESOURCE_TYPES } from "../../../../src/resources/resource-types.js";
import type { Mode } from "../../../../src/server/wire/mode.js";
import { parseDuration } from "../../../../src/util/duration.js";

export type AnswerWord = { readonly kind: "ack" | "nack"; readonly index: number | undefined; readonly text: string };

/** One line of a transcript. */
export type Step = { readonly line: number } & (
	| { readonly kind: "stream"; readonly mode: Mode }
	| { readonly kind: "set"; readonly type: TypeId; readonly contents: readonly (readonly [string, string])[] }
	| { readonly kind: "remove"; readonly type: TypeId; readonly names: readonly string[] }
	| { readonly kind: "errors" }
	| { readonly kind: "ttl"; readonly ms: number | undefined }
	| { readonly kind: "heartbeat"; readonly late: boolean }
	| { readonly kind: "block" }
	| { readonly kind: "unblock"; readonly count: number }
	| RequestStep
	| { readonly kind: "response"; readonly type: TypeId; readonly items: readonly string[]; readonly version: Version }
	| { readonly kind: "taken"; readonly as: string }
);

export interface RequestStep {
	readonly kind: "request";
	readonly type: TypeId;
	/** Names in SotW, `+name` and `-name` in delta. */
	readonly names: readonly string[];
	readonly have: readonly (readonly [string, string])[];
	readonly answer: AnswerWord | undefined;
	readonly version: Version;
	/** Overrides the nonce that a correct client would send. */
	readonly nonce: string | undefined;
}

/** A version by its variable, or a literal one. */
export type Version = string | undefined;

/** A transcript; where it has a line `for TYPE in eds rds`, one for each of them. */
export interface Transcript {
	readonly type: TypeId | undefined;
	readonly steps: readonly Step[];
}

const TOKENS = /[^\s"]*"[^"]*"|\S+/g;

/** @throws with the line's number if it cannot be read. */
export function parseTranscript(text: string): Transcript[] {
	const types = /^for TYPE in (.+)$/m.exec(text)?.[1]?.split(" ").map(typeId);
	if (!types) return [{ type: undefined, steps: parseSteps(text) }];
	const rest = text.replace(/^for TYPE in .+$/m, "");
	return types.map((type) => ({ type, steps: parseSteps(rest.replace(/\bTYPE\b/g, type)) }));
}

function parseSteps(text: string): Step[] {
	return text.split("\n").flatMap((source, i) => {
		const line = i + 1;
		const words = source.replace(/(^|\s)#.*$/, "").match(TOKENS) ?? [];
		if (words.length === 0) return [];
		try {
			return [{ line, ...parseStep(words) }];
		} catch (reason) {
			throw new Error(`line ${line}: ${reason instanceof Error ? reason.message : reason}`);
		}
	});
}

type Bare<T> = T extends unknown ? Omit<T, "line"> : never;

function parseStep([verb, ...rest]: string[]): Bare<Step> {
	const [first = "", ...words] = rest;
	switch (verb) {
		case "stream":
			if (first !== "sotw" && first !== "delta") throw new Error(`a stream is sotw or delta, not ${first}`);
			return { kind: "stream", mode: first };
		case "set":
			return { kind: "set", type: typeId(first), contents: words.map(pair) };
		case "remove":
			return { kind: "remove", type: typeId(first), names: words };
		case "errors":
			return { kind: "errors" };
		case "ttl":
			return { kind: "ttl", ms: first === "none" ? undefined : parseDuration(first) };
		case "heartbeat":
			return { kind: "heartbeat", late: first === "late" };
		case "block":
			return { kind: "block" };
		case "unblock":
			return { kind: "unblock", count: first === "" ? Number.POSITIVE_INFINITY : Number(first) };
		case ">":
			return parseRequest(typeId(first), words);
		case "<": {
			const items = words.filter((word) => !word.startsWith("version="));
			const version = words.find((word) => word.startsWith("version="))?.slice("version=".length);
			return { kind: "response", type: typeId(first), items, version };
		}
		case "=":
			return { kind: "taken", as: rest.join(" ") };
		default:
			throw new Error(`what is "${verb}"?`);
	}
}

function parseRequest(type: TypeId, words: readonly string[]): RequestStep {
	const names: string[] = [];
	const have: (readonly [string, string])[] = [];
	let answer: AnswerWord | undefined;
	let version: Version;
	let nonce: string | undefined;
	for (let i = 0; i < words.length; i++) {
		const word = words[i] as string;
		const [, kind, index] = /^(ack|nack)(?::(\d+))?$/.exec(word) ?? [];
		if (kind === "ack" || kind === "nack") {
			const text = kind === "nack" ? unquote(words[++i] ?? "") : "";
			answer = { kind, index: index === undefined ? undefined : Number(index), text };
		} else if (word.startsWith("have:")) have.push(pair(word.slice("have:".length)));
		else if (word.startsWith("version=")) version = word.slice("version=".length);
		else if (word.startsWith("nonce=")) nonce = unquote(word.slice("nonce=".length));
		else names.push(unquote(word));
	}
	return { kind: "request", type, names, have, answer, version, nonce };
}

function pair(word: string): readonly [string, string] {
	const at = word.indexOf("=");
	if (at < 0) throw new Error(`"${word}" is not NAME=CONTENT`);
	return [unquote(word.slice(0, at)), word.slice(at + 1)];
}

/** `""` is the empty name. */
function unquote(word: string): string {
	return word.replaceAll('"', "");
}

function typeId(word: string): TypeId {
	const type = RESOURCE_TYPES.find(({ id }) => id === word);
	if (!type) throw new Error(`"${word}" is no type; there are ${RESOURCE_TYPES.map(({ id }) => id).join(", ")}`);
	return type.id;
}
