/** Characters of a client's text that are searched. */
const MAX_TEXT = 16_384;
/** Words, and what stands together with them: `web`, `api.web`, `shop/web-2`. */
const CHAIN = /[\w-]+(?:[./:][\w-]+)*/g;
const IS_CHAIN = /^[\w-]+(?:[./:][\w-]+)*$/;
/** Names of another form each need a search of their own: no more than so many characters in all. */
const MAX_SEARCHED = 16 * 1024 * 1024;

/** The names that are in the text as whole words: `web`, but not within `web-2` or `api.web`. */
export function namesInText(text: string, names: readonly string[]): string[] {
	const part = text.slice(0, MAX_TEXT);
	const chains = new Set(part.match(CHAIN));
	let left = MAX_SEARCHED;
	return names.filter((name) => {
		if (chains.has(name)) return true;
		if (name === "" || IS_CHAIN.test(name)) return false;
		left -= part.length;
		return left > 0 && isInText(name, part);
	});
}

function isInText(name: string, text: string): boolean {
	for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
		const before = text.slice(Math.max(0, at - 2), at);
		const after = text.slice(at + name.length, at + name.length + 2);
		if (!/[\w-][./:]?$/.test(before) && !/^[./:]?[\w-]/.test(after)) return true;
	}
	return false;
}
