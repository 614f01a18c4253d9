import { plainScalar } from "./yaml-scalar.js";

const CORE_PREFIX = "tag:yaml.org,2002:";

/** The kind that a tag names: `str` for `!!str`, an empty text for `!`; undefined where it is not of YAML's core schema. */
export function coreTag(tag: string): string | undefined {
	if (tag === "!") return "";
	const name = tag.startsWith(`!<${CORE_PREFIX}`)
		? tag.slice(CORE_PREFIX.length + 2, -1)
		: tag.startsWith("!!")
			? tag.slice(2)
			: undefined;
	return name !== undefined && KINDS.has(name) ? name : undefined;
}

const KINDS: ReadonlySet<string> = new Set(["str", "int", "float", "bool", "null", "seq", "map"]);

/** A scalar as its tag says it; undefined where it cannot be one. */
export function taggedScalar(kind: string, text: string): { readonly value: unknown } | undefined {
	if (kind === "" || kind === "str") return { value: text };
	const value = plainScalar(text);
	const fits =
		(kind === "int" && Number.isInteger(value) && !/[.eE]/.test(text)) ||
		(kind === "float" && typeof value === "number") ||
		(kind === "bool" && typeof value === "boolean") ||
		(kind === "null" && value === null);
	return fits ? { value } : undefined;
}
