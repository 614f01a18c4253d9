import type { YAMLException } from "js-yaml";
import { openTokenAt } from "./open-token.js";

/** What is wrong with a text, and where. */
export interface YamlProblem {
	readonly offset: number;
	readonly message: string;
}

/** What the parser found wrong with a text, with what to do where its own words leave that out. */
export function problemOf({ reason, mark }: YAMLException, text: string, hasVariables: boolean): YamlProblem {
	const offset = mark?.position ?? 0;
	const at = (message: string): YamlProblem => ({ offset, message });
	if (hasVariables && text.slice(offset - 1, offset + 1) === "${")
		return at(`put \${…} in quotes here, inside of { } or [ ]`);
	switch (reason) {
		case "tab characters must not be used in indentation":
			return at("a tab is not allowed as indentation; use spaces");
		case "deficient indentation":
			return notClosed(text, offset) ?? at("indented too little for what is still open; indent this line");
		case "unexpected end of the stream within a single quoted scalar":
		case "unexpected end of the stream within a double quoted scalar":
			return notClosed(text, offset) ?? at("the file ends within quotes; close them");
		case "unexpected end of the stream within a flow collection":
			return notClosed(text, offset) ?? at("the file ends within { } or [ ]; close them");
		case "bad indentation of a mapping entry":
			return at(ofEntry(text, offset));
		case "bad indentation of a sequence entry":
			return at(INDENTED_OTHERWISE);
		default:
			if (reason.startsWith("nesting exceeded")) return at(`nested more than ${MAX_DEPTH} deep`);
			return at(`not valid YAML: ${reason.length > 120 ? `${reason.slice(0, 119)}…` : reason}`);
	}
}

/** What was left open is told where it opens: the parser only notices some lines later. */
function notClosed(text: string, offset: number): YamlProblem | undefined {
	const open = openTokenAt(text, offset);
	if (!open) return undefined;
	const { token } = open;
	// A bracket that is closed further on is only indented too little.
	const isBracket = token === "{" || token === "[";
	if (isBracket && openTokenAt(text, text.length)?.offset !== open.offset) return undefined;
	return { offset: open.offset, message: `this ${token} is not closed` };
}

const INDENTED_OTHERWISE = "not valid YAML: the indentation differs from that of the entries before";

/** How deep collections may stand within each other. */
export const MAX_DEPTH = 100;

function ofEntry(text: string, at: number): string {
	if (text[at] === ":") return 'a value that contains ": " must be in quotes';
	if (/[@`%]/.test(text[at] ?? "")) return `a string that begins with ${text[at]} must be in quotes`;
	return INDENTED_OTHERWISE;
}
