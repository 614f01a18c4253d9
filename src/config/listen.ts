import { isIP } from "node:net";
import { type HostPort, splitHostPort } from "../model/host-port.js";
import { type ListenAddress, readUnixSocket } from "../model/listen/listen-address.js";

const EXPECTED = "expected host:port such as 127.0.0.1:18000 or [::1]:18000; port 0 takes a free one";
/** What the system has room for. */
const MAX_PATH_BYTES = 107;

/** `:18000` and `18000` mean all interfaces elsewhere: here that is written out, for nobody is asked who they are. */
function meant(text: string): string {
	const port = /^:?(\d{1,5})$/.exec(text.trim())?.[1];
	return port === undefined ? "" : `; for all interfaces write 0.0.0.0:${port}, for this machine 127.0.0.1:${port}`;
}

/** Where a server listens, or why the text does not say so. `0.0.0.0` and `[::]` are all addresses. */
export function parseListen(text: string): HostPort | { readonly problem: string } {
	const parts = splitHostPort(text);
	if (!parts) return { problem: `${EXPECTED}${meant(text)}` };
	if (parts.port > 65_535) return { problem: `the port must be 0 to 65535, not ${parts.port}` };
	// Digits and dots alone are never a name that could be looked up.
	const named = /^[A-Za-z0-9._-]+$/.test(parts.host) && !/^[0-9.]+$/.test(parts.host);
	if (isIP(parts.host) === 0 && !named) return { problem: `"${parts.host}" is neither an IP address nor a name` };
	return parts;
}

/** As parseListen, or a Unix socket: `unix:/run/fingerpost/admin.sock`. */
export function parseListenOrSocket(text: string): ListenAddress | { readonly problem: string } {
	const socket = readUnixSocket(text);
	if (!socket) return parseListen(text);
	const path = socket.path ?? "";
	if (!path.startsWith("/")) return { problem: "expected a full path such as unix:/run/fingerpost/admin.sock" };
	if (Buffer.byteLength(path) > MAX_PATH_BYTES)
		return { problem: `the path of a socket has at most ${MAX_PATH_BYTES} bytes, not ${Buffer.byteLength(path)}` };
	return socket;
}
