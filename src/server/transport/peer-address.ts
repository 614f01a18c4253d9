import type { Socket } from "node:net";

/** The peer's address and port, as grpc-js writes it. */
export function peerOf({ remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">): string {
	return `${remoteAddress}:${remotePort}`;
}

/** The address alone: all that comes from it counts as one peer. */
export function addressIn(peer: string): string {
	return peer.slice(0, Math.max(0, peer.lastIndexOf(":")));
}
