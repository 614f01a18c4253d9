import type { Substitute } from "../input/yaml/yaml-document.js";

export type Environment = Readonly<Record<string, string | undefined>>;

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
				throw new Error(`${found} is no variable; expected \${NAME} or \${NAME:-default}; write $$ for a $ itself`);
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
