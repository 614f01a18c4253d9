import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { splitHostPort } from "../../model/host-port.js";

/**
 * Whether the API may answer a request with this Host header: `localhost`, IP addresses, and the names that it is known
 * by. A page that a browser shows could otherwise read the API by making its own name resolve to this address (DNS
 * rebinding).
 */
export function isOwnHost(header: string, names: Iterable<string>): boolean {
	const host = (splitHostPort(header)?.host ?? header.replace(/^\[(.*)\]$/, "$1")).toLowerCase();
	if (host === "localhost" || isIP(host) !== 0) return true;
	for (const name of names) if (fits(host, name.toLowerCase())) return true;
	return false;
}

/** The DNS names that a certificate is for; one may begin with `*.`. */
export function namesOf(certificate: X509Certificate | undefined): readonly string[] {
	const names = certificate?.subjectAltName ?? "";
	return [...names.matchAll(/(?:^|, )DNS:([A-Za-z0-9*._-]+)/g)].map(([, name = ""]) => name);
}

/** Whether a page of another origin sent the request: browsers then name that origin, other programs send none. */
export function isForeignOrigin(origin: string | undefined, host: string | undefined): boolean {
	// Either scheme: a proxy in front may speak TLS.
	return origin !== undefined && origin.toLowerCase().replace(/^https?:\/\//, "") !== (host ?? "").toLowerCase();
}

function fits(host: string, name: string): boolean {
	if (!name.startsWith("*.")) return host === name;
	return host.slice(host.indexOf(".")) === name.slice(1) && host.indexOf(".") > 0;
}
