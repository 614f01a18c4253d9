import { InvalidTarget } from "../util/errors.js";

/** Where a service's endpoints are found: `scheme://authority/path?query`. */
export interface Target {
	/** As it was written; two targets are the same exactly when their texts are. */
	readonly text: string;
	readonly scheme: string;
	/** What stands between `//` and the next `/`: a host and port, a server, or nothing. */
	readonly authority: string;
	/** From the `/` on, percent-decoded; empty if there is none. */
	readonly path: string;
	readonly query: URLSearchParams;
}

const SCHEME = /^[a-z][a-z0-9+.-]*$/;
const FORM = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/i;

/**
 * Reads `scheme://…`; plain `host:port` is `static://host:port`.
 * @throws InvalidTarget if the text is no target.
 */
export function parseTarget(text: string): Target {
	const match = FORM.exec(text);
	if (!match) {
		if (/^(\[[0-9a-f:.]+\]|[^\s/:?#]+):\d+$/i.test(text)) {
			return { text, scheme: "static", authority: text, path: "", query: new URLSearchParams() };
		}
		throw new InvalidTarget(`"${text}" is not a target; expected scheme://… or host:port`);
	}
	const [, scheme, authority = "", path = "", query = ""] = match;
	let decoded: string;
	try {
		decoded = decodeURIComponent(path);
	} catch (cause) {
		throw new InvalidTarget(`"${text}" has a broken percent escape in its path`, { cause });
	}
	return {
		text,
		scheme: (scheme as string).toLowerCase(),
		authority,
		path: decoded,
		query: new URLSearchParams(query),
	};
}

/** Whether the name, in lower case, can be the scheme of targets. */
export function isScheme(name: string): boolean {
	return SCHEME.test(name);
}
