/** Controls (C0 and C1), line separators, marks that turn the direction of a text, and halves of characters. */
const UNCLEAN = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;

/** What a cut leaves of a character or of an escape. */
const HALF_AT_END = /(?:[\ud800-\udbff]|\\(?:u[0-9a-f]{0,3})?)$/;

export interface CleanOptions {
	/** Characters of the clean text, in UTF-16; the rest is cut off, and an ellipsis says so. */
	readonly max: number;
	/** Whether line ends and tabs stay. */
	readonly lines?: boolean;
}

/**
 * A text from outside that can do no harm where it is shown: what is not meant to be seen is made visible, as `\u001b`,
 * and it has an end.
 */
export function cleanText(text: string, { max, lines = false }: CleanOptions): string {
	// Escaped texts are never shorter: no more of it than this is looked at.
	const clean = text.slice(0, max + 1).replace(UNCLEAN, (character) => {
		if (lines && (character === "\n" || character === "\t")) return character;
		return escaped(character);
	});
	return clean.length > max ? `${clean.slice(0, max).replace(HALF_AT_END, "")}…` : clean;
}

/** The same JSON without anything in it that a terminal could take for a command; it reads as the same value. */
export function cleanJson(json: string): string {
	// Line ends and tabs are not from within texts: those stand escaped already.
	return json.replace(UNCLEAN, (character) =>
		character === "\n" || character === "\t" ? character : escaped(character),
	);
}

function escaped(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
