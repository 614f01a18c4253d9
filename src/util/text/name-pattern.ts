/** Whether a name fits a pattern, in which `*` is any run of characters. It takes a time that grows with both, not more. */
export function namePattern(pattern: string): (name: string) => boolean {
	const [first = "", ...rest] = pattern.split("*");
	const last = rest.pop();
	if (last === undefined) return (name) => name === pattern;
	return (name) => {
		if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
		const end = name.length - last.length;
		let from = first.length;
		for (const part of rest) {
			const at = name.indexOf(part, from);
			if (at < 0 || at + part.length > end) return false;
			from = at + part.length;
		}
		return true;
	};
}
