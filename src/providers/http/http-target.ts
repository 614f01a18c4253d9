import type { Target } from "../../model/target.js";

/** Where a list is. */
export interface HttpTarget {
	/** The target's text. */
	readonly text: string;
	readonly url: URL;
}

/**
 * `sd+http://host/path`, `sd+https://host/path`, or why the text is none. Another instance speaks HTTPS, unless its name
 * ends in `+http`.
 */
export function readHttpTarget({ scheme, authority, text }: Target): HttpTarget | string {
	if (authority === "") return `the host is missing: ${scheme}://HOST/PATH`;
	if (authority.includes("@")) return "user and password do not belong in a target; a token comes from tokenFile";
	const protocol = scheme.endsWith("+http") ? "http:" : "https:";
	const address = `${protocol}${text.slice(text.indexOf("://") + 1)}`;
	if (!URL.canParse(address)) return `expected ${scheme}://HOST[:PORT]/PATH`;
	return { text, url: new URL(address) };
}
