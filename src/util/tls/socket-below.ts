import type { Duplex } from "node:stream";

/** The connection that carries an encrypted one, as the server's `connection` event had it; itself if it is in clear. */
export function socketBelow<S extends Duplex>(socket: S): S {
	// A private field of Node's; without it the encrypted one stands for both.
	const below: unknown = Reflect.get(socket, "_parent");
	return below instanceof Object ? (below as S) : socket;
}
