import type { Socket } from "node:net";

const PREFIX = "unix:";

let last = 0;

/**
 * Gives a connection by a Unix socket what others have by TCP: the socket's path stands for its address, and a number for
 * its port. All that come by one socket count as one peer, and each has a name of its own.
 */
export function nameUnixPeer(socket: Socket, path: string): void {
	Object.defineProperties(socket, {
		remoteAddress: { value: `${PREFIX}${path}` },
		remotePort: { value: ++last },
	});
}
