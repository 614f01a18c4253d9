import { isIP } from "node:net";
import { splitHostPort } from "../model/host-port.js";

/** Whether only programs of this machine can connect to the address: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/**
 * Whether a server on loopback may answer a request with this Host header: only `localhost` and IP addresses. A page
 * that a browser shows could otherwise read the API by making its own name resolve to 127.0.0.1 (DNS rebinding).
 */
export function isLocalHost(header: string): boolean {
	const host = splitHostPort(header)?.host ?? header.replace(/^\[(.*)\]$/, "$1");
	return host.toLowerCase() === "localhost" || isIP(host) !== 0;
}

/** Whether a page of another origin sent the request: browsers then name that origin, other programs send none. */
export function isForeignOrigin(origin: string | undefined, host: string | undefined): boolean {
	// Either scheme: a proxy in front may speak TLS.
	return origin !== undefined && origin.toLowerCase().replace(/^https?:\/\//, "") !== (host ?? "").toLowerCase();
}
