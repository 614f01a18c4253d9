import { isIP } from "node:net";

/**
 * Names are compared and asked in lower case and without the root's dot: `Web.Internal.` is
 * `web.internal`.
 */
export function canonicalName(name: string): string {
	return name.toLowerCase().replace(/\.$/, "");
}

/** Why the text is no name that can be asked for, or undefined if it is one. */
export function nameProblem(text: string): string | undefined {
	if (isIP(text.replace(/^\[(.*)\]$/, "$1"))) {
		return `"${text}" is an IP address, which needs no DNS; write it as IP:PORT`;
	}
	const name = canonicalName(text);
	if (name === "") return "the name is missing: dns:///NAME or dns:///NAME:PORT";
	if (name.length > 253) return `a name has at most 253 characters, this one has ${name.length}`;
	for (const label of name.split(".")) {
		if (label === "") return `"${text}" has two dots in a row or begins with one`;
		if (label.length > 63) return `"${label}" is longer than the 63 characters that DNS allows between two dots`;
		if (!/^[a-z0-9_-]+$/.test(label)) {
			return `"${text}" is not a name of DNS: letters, digits, -, _ and dots (an international name in its xn-- form)`;
		}
	}
	return undefined;
}

/**
 * What to add where a name has no address that a pod or a shell would have found by its search domains; empty for
 * others.
 */
export function fullNameHint(name: string): string {
	const bare = name.replace(/\.$/, "");
	if (bare.endsWith(".svc")) return `; no search domain is added: write ${bare}.cluster.local`;
	return bare.includes(".") ? "" : "; no search domain is added: write the full name";
}
