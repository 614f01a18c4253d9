import { isIPv4, isIPv6 } from "node:net";
import { quote } from "../util/text/quote.js";
import { splitHostPort } from "./host-port.js";

export type AddressResult =
	| { readonly address: string; readonly port: number; readonly problem?: undefined }
	| { readonly problem: string };

/** `127.0.0.1:8080`, `[::1]:8080` (in its canonical text) or `host:8080`; or why it is none. */
export function parseEndpointAddress(text: string): AddressResult {
	const parts = splitHostPort(text);
	if (!parts) return { problem: formProblem(text) };
	const { host, port } = parts;
	if (text.startsWith("[") && !isIPv6(host)) return { problem: `${quote(host)} is not an IPv6 address` };
	const problem = hostProblem(host) ?? portProblem(port);
	return problem === undefined ? { address: canonicalAddress(host), port } : { problem };
}

/** Whether it is an IP address. What has no colon is none of IPv6, which is costly to recognize. */
export function isAddress(host: string): boolean {
	return isIPv4(host) || (host.includes(":") && isIPv6(host));
}

/** Why no endpoint can have the IP address, or undefined if one can. */
export function unusableAddress(address: string): string | undefined {
	if (address.includes(":")) return unusableIPv6(address);
	if (address === "0.0.0.0") return EVERY;
	if (address === "255.255.255.255") return "it is the broadcast address";
	return /^(22[4-9]|23\d)\./.test(address) ? MULTICAST : undefined;
}

const EVERY = "it stands for every address of a machine";
const MULTICAST = "it is a multicast address";

function unusableIPv6(address: string): string | undefined {
	if (/^ff[0-9a-f]{2}:/i.test(address)) return MULTICAST;
	// Nothing else begins so that is not in the range of what is unspecified or mapped from IPv4.
	if (!/^[0:]/.test(address)) return undefined;
	const text = canonicalAddress(address);
	if (text === "::") return EVERY;
	return text.startsWith("::ffff:") && text.includes(".") ? unusableAddress(text.slice("::ffff:".length)) : undefined;
}

/** Why the text is no IP address that an endpoint can have and no host name, or undefined if it is one. */
export function hostProblem(host: string): string | undefined {
	if (isAddress(host)) {
		const problem = unusableAddress(host);
		return problem && `${quote(host)} is not an endpoint's address: ${problem}`;
	}
	if (/^[0-9.]+$/.test(host)) return `${quote(host)} is not an IP address`;
	return isHostname(host) ? undefined : `${quote(host)} is neither an IP address nor a host name`;
}

/** Why it cannot be another address of an endpoint, or undefined if it can. A program may be written without types. */
export function otherAddressProblem(other: unknown): string | undefined {
	const { address, port } = (other ?? {}) as { readonly address?: unknown; readonly port?: unknown };
	if (typeof address !== "string") return "expected {address, port}: the address is missing";
	if (!isAddress(address)) return `${quote(address)} is no IP address; additional addresses are no names`;
	if (typeof port !== "number" || !Number.isInteger(port)) return "expected {address, port}: the port is no number";
	return hostProblem(address) ?? portProblem(port);
}

/** Labels of letters, digits, `-` and `_`, and dots between them; a last dot is allowed. */
export function isHostname(host: string): boolean {
	return (
		host.length <= 254 &&
		/^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$/.test(host)
	);
}

/** Why the number is no port of an endpoint, or undefined if it is one. */
export function portProblem(port: number): string | undefined {
	return port >= 1 && port <= 65_535 ? undefined : `the port must be 1 to 65535, not ${port}`;
}

/** One text an address (RFC 5952), so that duplicates are found. */
export function canonicalAddress(address: string): string {
	if (!address.includes(":") || !isIPv6(address) || address.includes("%")) return address;
	const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
	const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text);
	if (!mapped) return text;
	const bytes = mapped.slice(1).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
	return `::ffff:${bytes.join(".")}`;
}

function formProblem(text: string): string {
	// `::1:8080` may be meant with a port and can be read without one.
	if (isIPv6(text) || isIPv6(text.slice(0, Math.max(0, text.lastIndexOf(":"))))) {
		return `an IPv6 address needs brackets and a port, as in [::1]:8080; this is ${quote(text)}`;
	}
	if (isIPv4(text) || /^\[[0-9a-f:.]+\]$/i.test(text)) return `it has no port; write ${text}:8080`;
	return `expected an address and port such as 127.0.0.1:8080, [::1]:8080 or web.internal:8080, not ${quote(text)}`;
}
