import type { X509Certificate } from "node:crypto";

const MAX_LENGTH = 2_048;

/**
 * Who a verified certificate is of: its SPIFFE ID, or `dns:NAME` of its first DNS name where it has no URI at all.
 * Undefined where it says neither, or has several URIs, as SPIFFE forbids.
 */
export function certificateIdentity({ subjectAltName }: Pick<X509Certificate, "subjectAltName">): string | undefined {
	const names = namesIn(subjectAltName ?? "");
	const uris = names.filter(([kind]) => kind === "URI");
	const [uri] = uris;
	if (uri) {
		const [, id] = uri;
		return uris.length === 1 && id.startsWith("spiffe://") && isPlain(id) ? id : undefined;
	}
	const dns = names.find(([kind]) => kind === "DNS")?.[1];
	return dns !== undefined && isPlain(dns) ? `dns:${dns.toLowerCase()}` : undefined;
}

/** Node puts a name that holds anything strange into quotes; such a one is nobody's identity. */
function namesIn(text: string): readonly (readonly [kind: string, name: string])[] {
	const found = text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g);
	return [...found].map(([, kind = "", name = ""]) => [kind, name] as const);
}

function isPlain(name: string): boolean {
	return name.length <= MAX_LENGTH && /^[\x21\x23-\x7e]+$/.test(name);
}
