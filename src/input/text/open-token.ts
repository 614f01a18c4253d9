/** A quote or bracket that is open, and where it stands. */
export interface OpenToken {
	readonly offset: number;
	readonly token: string;
}

const CLOSERS: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/**
 * The quote or bracket of a YAML text that is still open at the offset, the innermost one; undefined where none is. It
 * looks at the text as a parser would, but for block texts (`|`, `>`), whose lines it skips.
 */
export function openTokenAt(text: string, end: number): OpenToken | undefined {
	const open: OpenToken[] = [];
	let lineStart = 0;
	let at = 0;
	while (at < end) {
		const token = text[at] as string;
		if (token === "\n") {
			const next = afterBlockText(text, lineStart, at);
			lineStart = next;
			at = next;
		} else if (token === "#" && isBlank(text[at - 1])) {
			at = endOfLine(text, at);
		} else if ((token === '"' || token === "'") && opensHere(text, at, open.length > 0)) {
			const close = closingQuote(text, at);
			if (close >= end) return { offset: at, token };
			at = close + 1;
		} else {
			if (token in CLOSERS && opensHere(text, at, open.length > 0)) open.push({ offset: at, token });
			else if (token === CLOSERS[open.at(-1)?.token ?? ""]) open.pop();
			at++;
		}
	}
	return open.at(-1);
}

/** Whether a value can begin here: after the indentation, a key, a dash, or what stands within brackets. */
function opensHere(text: string, at: number, inBrackets: boolean): boolean {
	let before = at - 1;
	while (text[before] === " ") before--;
	const last = text[before];
	if (last === undefined || last === "\n") return true;
	if (inBrackets && /[[{,:]/.test(last)) return true;
	return before < at - 1 && /[:\-?]/.test(last);
}

function closingQuote(text: string, at: number): number {
	const quote = text[at];
	for (let i = at + 1; i < text.length; i++) {
		if (quote === '"' && text[i] === "\\") i++;
		else if (text[i] === quote) {
			if (quote === "'" && text[i + 1] === "'") i++;
			else return i;
		}
	}
	return text.length;
}

/** Where the next line begins; after `|` or `>` the first that is not indented more than this one. */
function afterBlockText(text: string, lineStart: number, lineEnd: number): number {
	let next = lineEnd + 1;
	const line = text.slice(lineStart, lineEnd);
	if (!/(?:^|[:-] +)[|>][-+0-9]*\s*(?:#.*)?$/.test(line)) return next;
	const indentation = line.search(/[^ ]/);
	while (next < text.length) {
		const end = endOfLine(text, next);
		const own = text.slice(next, end);
		if (own.trim() !== "" && own.search(/[^ ]/) <= indentation) break;
		next = end + 1;
	}
	return next;
}

function endOfLine(text: string, at: number): number {
	const end = text.indexOf("\n", at);
	return end < 0 ? text.length : end;
}

function isBlank(character: string | undefined): boolean {
	return character === undefined || /\s/.test(character);
}
