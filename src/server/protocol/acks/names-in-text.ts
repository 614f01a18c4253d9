/** Characters of a client's text that are searched. */
const MAX_TEXT = 16_384;

/** The names that are in the text as whole words: `web`, but not within `web-2` or `api.web`. */
export function namesInText(text: string, names: readonly string[]): string[] {
	const part = text.slice(0, MAX_TEXT);
	return names.filter((name) => {
		if (name === "") return false;
		for (let at = part.indexOf(name); at !== -1; at = part.indexOf(name, at + 1)) {
			const before = part.slice(Math.max(0, at - 2), at);
			const after = part.slice(at + name.length, at + name.length + 2);
			if (!/[\w-][./:]?$/.test(before) && !/^[./:]?[\w-]/.test(after)) return true;
		}
		return false;
	});
}
