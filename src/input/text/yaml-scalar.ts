import { SCALAR_STYLE, type ScalarEvent } from "js-yaml";

/**
 * What an unquoted YAML 1.2 scalar stands for (core schema, section 10.3.2): `8080` is a number, `true` a boolean,
 * `~` and nothing null, everything else a text.
 */
export function plainScalar(text: string): string | number | boolean | null {
	switch (text) {
		case "":
		case "~":
		case "null":
		case "Null":
		case "NULL":
			return null;
		case "true":
		case "True":
		case "TRUE":
			return true;
		case "false":
		case "False":
		case "FALSE":
			return false;
	}
	// Only these can begin a number; most scalars are texts.
	if (!/^[-+.0-9]/.test(text)) return text;
	if (/^[-+]?[0-9]+$/.test(text)) return Number(text);
	if (/^0o[0-7]+$/.test(text)) return Number.parseInt(text.slice(2), 8);
	if (/^0x[0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
	if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
	if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
	if (/^\.(?:nan|NaN|NAN)$/.test(text)) return NaN;
	return text;
}

/** Where a scalar begins: its quote, or the mark of a block; -1 where there is nothing. */
export function scalarOffset(text: string, { valueStart, style, tagStart, anchorStart }: ScalarEvent): number {
	switch (style) {
		case SCALAR_STYLE.PLAIN:
			return valueStart >= 0 ? valueStart : tagStart >= 0 ? tagStart : anchorStart - (anchorStart > 0 ? 1 : 0);
		case SCALAR_STYLE.LITERAL_BLOCK:
			return text.lastIndexOf("|", valueStart - 1);
		case SCALAR_STYLE.FOLDED_BLOCK:
			return text.lastIndexOf(">", valueStart - 1);
		default:
			return valueStart - 1;
	}
}
