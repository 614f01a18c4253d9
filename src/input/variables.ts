/** The variables that a text may name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces variables in the text of a scalar; the same text if there are none.
 * @throws Error with the reason if a variable has no value.
 */
export type Substitute = (text: string) => string;

/**
 * Replaces `${VAR}` and `${VAR:-default}` in a text; the default is taken where the variable is unset or empty. `$$` is
 * a `$`; any other `$` stays as it is.
 */
export function environmentSubstitute(environment: Environment): Substitute {
	return (text) => {
		if (!text.includes("$")) return text;
		return text.replace(/\$\$|\$\{([^}]*)(\})?/g, (found, inside: string | undefined, end: string | undefined) => {
			if (found === "$$") return "$";
			if (end === undefined) throw new Error(`${found} has no closing brace; write $$ for a $ itself`);
			const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inside ?? "") ?? [];
			if (name === undefined) {
				throw new Error(`${found} is not a variable; expected \${NAME} or \${NAME:-default}; write $$ for a $ itself`);
			}
			const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
			if (fallback !== undefined) return value || fallback;
			if (value === undefined) {
				throw new Error(`the environment variable ${name} is not set; set it, or give a default: \${${name}:-default}`);
			}
			return value;
		});
	};
}

/**
 * A message about a value that came of variables, without the value: it may be a password. What the message repeats of
 * the value, in quotes or as a word, becomes `…`.
 */
export function withoutValue(message: string, value: string): string {
	const whole = value.toLowerCase();
	const parts = new Set(whole.split(/[^a-z0-9_]+/i));
	const repeats = (word: string) => {
		const found = word.toLowerCase().replace(/…$/, "");
		return found !== "" && (parts.has(found) || (whole.includes(found) && found.length > 3) || found === whole);
	};
	return message.replace(/"((?:[^"\\]|\\.)*)"|[^\s"]+/g, (found, quoted: string | undefined) => {
		if (quoted !== undefined) return repeats(JSON.parse(found)) ? '"…"' : found;
		const [, word = "", after = ""] = /^(.*?)([,;:.]?)$/.exec(found) ?? [];
		return repeats(word) ? `…${after}` : found;
	});
}
