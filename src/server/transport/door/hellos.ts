import type { Socket } from "node:net";
import { HANDSHAKE_MS, type Refused } from "../../../util/tls/tls-refusal.js";
import { peerOf } from "../peer-address.js";

/** Bytes of the largest record of TLS: a ClientHello is within one, and nothing else comes before it is answered. */
const MAX_BYTES = 5 + 16 * 1_024;

/** Waits for the first bytes of connections by TLS: who is silent takes no turn of others, and costs no handshake. */
export class Hellos {
	readonly #refused: Refused;
	readonly #silent = new Set<Socket>();

	constructor(refused: Refused) {
		this.#refused = refused;
	}

	/**
	 * Ends who sends nothing for 10 s, or more than a ClientHello.
	 * @param socket accepted, and not read from.
	 * @param came called once, with the bytes back in the socket. What comes later stays there, too.
	 */
	wait(socket: Socket, came: () => void): void {
		// A socket that has closed has no address any more.
		const peer = peerOf(socket);
		const end = (reason: string) => {
			this.#refused(peer, reason);
			socket.destroy();
		};
		const timer = setTimeout(() => end("its handshake took too long"), HANDSHAKE_MS);
		const gone = () => end("it closed the connection during the handshake");
		const over = () => {
			clearTimeout(timer);
			this.#silent.delete(socket);
		};
		this.#silent.add(socket);
		socket.once("data", (bytes: Buffer) => {
			over();
			socket.off("end", gone).off("error", gone).off("close", over);
			if (bytes.length > MAX_BYTES) {
				end("it does not speak TLS");
				return;
			}
			socket.pause();
			socket.unshift(bytes);
			came();
		});
		socket.once("end", gone).once("error", gone).once("close", over);
		socket.resume();
	}

	/** Ends all that are silent yet, and tells of none. */
	stop(): void {
		for (const socket of this.#silent) socket.destroy();
	}
}
