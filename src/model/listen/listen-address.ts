import { isIP } from "node:net";
import { formatHostPort, type HostPort } from "../host-port.js";

/** Where a server listens, or where it is found. Of a Unix socket the path counts, and nothing else. */
export interface ListenAddress extends HostPort {
	/** Of a Unix socket. */
	readonly path?: string | undefined;
}

const UNIX = "unix:";

/** A Unix socket as in `unix:/run/fingerpost/admin.sock`; undefined if the text is none. */
export function readUnixSocket(text: string): ListenAddress | undefined {
	return text.startsWith(UNIX) ? unixSocket(text.slice(UNIX.length)) : undefined;
}

export function unixSocket(path: string): ListenAddress {
	return { host: "", port: 0, path };
}

/** `127.0.0.1:80`, `unix:/run/fingerpost/admin.sock`. */
export function formatListen(address: ListenAddress): string {
	return address.path === undefined ? formatHostPort(address) : `${UNIX}${address.path}`;
}

/** Whether only programs of this machine can connect to the address: 127.0.0.0/8, ::1, localhost, a Unix socket. */
export function isLocal({ host, path }: ListenAddress): boolean {
	return path !== undefined || host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
