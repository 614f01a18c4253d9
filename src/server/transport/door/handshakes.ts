import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { FollowedTls } from "../../../util/tls/followed-tls.js";
import { HANDSHAKE_MS, type Refused, tellRefusals } from "../../../util/tls/tls-refusal.js";
import { peerOf } from "../peer-address.js";

export interface HandshakeEvents {
	/** The connection is encrypted, and its client has brought what it must. */
	secured(socket: TLSSocket): void;
	readonly refused: Refused;
}

/** TLS on connections that were let in. What the files say by then counts; open connections keep what they have. */
export class Handshakes {
	readonly #server: Server;

	constructor(tls: FollowedTls, { secured, refused }: HandshakeEvents) {
		const context = tls.serve((next) => this.#server.setSecureContext(next));
		this.#server = createServer({
			...context,
			ALPNProtocols: ["h2"],
			requestCert: tls.asksClients,
			rejectUnauthorized: tls.asksClients,
			handshakeTimeout: HANDSHAKE_MS,
		});
		tellRefusals(this.#server, refused);
		this.#server.on("secureConnection", (socket) => {
			if (socket.alpnProtocol === "h2") secured(socket);
			else {
				refused(peerOf(socket), "it does not offer h2 by ALPN");
				socket.destroy();
			}
		});
	}

	/** @param socket accepted, and not read from. */
	begin(socket: Socket): void {
		this.#server.emit("connection", socket);
	}
}
