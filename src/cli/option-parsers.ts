import { InvalidArgumentError } from "commander";
import { parseListen, parseListenOrSocket } from "../config/listen.js";
import { formatHostPort, type HostPort, splitHostPort } from "../model/host-port.js";
import { type ListenAddress, readUnixSocket } from "../model/listen/listen-address.js";
import { parseDuration } from "../util/duration.js";
import type { AdminAddress } from "./admin/admin-access.js";

// What commander calls with an option's text.

/** Where to listen: `127.0.0.1:18000`; port 0 lets the system choose. */
export function listenAddress(text: string): HostPort {
	const address = parseListen(text);
	if ("problem" in address) throw new InvalidArgumentError(`${address.problem}.`);
	return address;
}

/** As listenAddress, or a Unix socket: `unix:/run/fingerpost/admin.sock`. */
export function listenAddressOrSocket(text: string): ListenAddress {
	const address = parseListenOrSocket(text);
	if ("problem" in address) throw new InvalidArgumentError(`${address.problem}.`);
	return address;
}

/** Where to connect to for xDS: `127.0.0.1:18000`, `[::1]:18000`, `name:18000`. */
export function connectAddress(text: string): HostPort {
	return hostPort(text, 18_000);
}

/** Where the admin port is: `127.0.0.1:18001`, `https://name:18001`, `unix:/run/fingerpost/admin.sock`. */
export function adminAddress(text: string): AdminAddress {
	const socket = readUnixSocket(text);
	if (socket) return socket;
	const [, scheme = "", rest = ""] = /^(?:(https?):\/\/)?(.*?)\/?$/i.exec(text) ?? [];
	return { ...hostPort(rest, 18_001), ...(scheme.toLowerCase() === "https" && { tls: true }) };
}

/** As adminAddress, for an option that may be given several times. */
export function adminAddresses(text: string, before: readonly AdminAddress[] | undefined): readonly AdminAddress[] {
	return [...(before ?? []), adminAddress(text)];
}

/** @param usual the port of the example in the error */
function hostPort(text: string, usual: number): HostPort {
	const address = splitHostPort(text);
	if (!address) throw new InvalidArgumentError(`expected HOST:PORT, such as 127.0.0.1:${usual} or [::1]:${usual}.`);
	portNumber(String(address.port));
	return address;
}

/** As connectAddress, for an option that may be given several times; a repeated address counts once. */
export function connectAddresses(text: string, before: readonly HostPort[] | undefined): readonly HostPort[] {
	const address = connectAddress(text);
	const known = before ?? [];
	const isNew = known.every((each) => formatHostPort(each) !== formatHostPort(address));
	return isNew ? [...known, address] : known;
}

/**
 * What a gRPC client connects to, as it stands in a bootstrap: `127.0.0.1:18000`, or
 * `http://127.0.0.1:18000` for clients that take nothing else. May be given several times.
 */
export function serverUris(text: string, before: readonly string[] | undefined): readonly string[] {
	const scheme = /^http:\/\//i.exec(text)?.[0] ?? "";
	if (!scheme && text.includes("://"))
		throw new InvalidArgumentError("expected HOST:PORT, or http://HOST:PORT for clients that take nothing else.");
	const uri = `${scheme}${formatHostPort(connectAddress(text.slice(scheme.length)))}`;
	const known = before ?? [];
	return known.includes(uri) ? known : [...known, uri];
}

export function portNumber(text: string): number {
	const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
	if (port < 1 || port > 65_535) throw new InvalidArgumentError("a port is a number from 1 to 65535.");
	return port;
}

/** How long something may take, in milliseconds: `500ms`, `15s`, `1m30s`. */
export function timeLimit(text: string): number {
	const limit = parseDuration(text);
	if (!limit) throw new InvalidArgumentError("expected a duration above 0, such as 500ms, 15s or 1m30s.");
	return limit;
}
