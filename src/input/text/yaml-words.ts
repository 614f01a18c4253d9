import type { YAMLException } from "js-yaml";

/** What the parser found wrong with a text, with what to do where its own words leave that out. */
export function wordsOf({ reason, mark }: YAMLException, text: string, hasVariables: boolean): string {
	const at = mark?.position ?? 0;
	if (hasVariables && text.slice(at - 1, at + 1) === "${") return `put \${…} in quotes here, inside of { } or [ ]`;
	switch (reason) {
		case "tab characters must not be used in indentation":
			return "a tab is not allowed as indentation; use spaces";
		case "deficient indentation":
			return "indented too little for what is still open; close the quote or bracket before, or indent this line";
		case "unexpected end of the stream within a single quoted scalar":
		case "unexpected end of the stream within a double quoted scalar":
			return "the file ends within quotes; close them";
		case "unexpected end of the stream within a flow collection":
			return "the file ends within { } or [ ]; close them";
		case "bad indentation of a mapping entry":
			return ofEntry(text, at);
		case "bad indentation of a sequence entry":
			return INDENTED_OTHERWISE;
		default:
			if (reason.startsWith("nesting exceeded")) return `nested more than ${MAX_DEPTH} deep`;
			return `not valid YAML: ${reason.length > 120 ? `${reason.slice(0, 119)}…` : reason}`;
	}
}

const INDENTED_OTHERWISE = "not valid YAML: the indentation differs from that of the entries before";

/** How deep collections may stand within each other. */
export const MAX_DEPTH = 100;

function ofEntry(text: string, at: number): string {
	if (text[at] === ":") return 'a value with ": " in it goes in quotes';
	if (/[@`%]/.test(text[at] ?? "")) return `a text that begins with ${text[at]} goes in quotes`;
	return INDENTED_OTHERWISE;
}
