import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { FollowedTls } from "../../../util/tls/followed-tls.js";
import { certificateProblem, HANDSHAKE_MS, type Refused, tellRefusals } from "../../../util/tls/tls-refusal.js";
import { peerOf } from "../peer-address.js";

export interface HandshakeEvents {
	/** The connection is encrypted, and its client has brought what it must. */
	secured(socket: TLSSocket): void;
	/** Other files are in use. */
	changed(): void;
	readonly refused: Refused;
}

/** TLS on connections that were let in. What the files say by then counts; open connections keep what they have. */
export class Handshakes {
	readonly #server: Server;

	/** @param mayLack whether a client may come without a certificate, though it is asked for one. */
	constructor(tls: FollowedTls, mayLack: boolean, { secured, changed, refused }: HandshakeEvents) {
		const context = tls.serve((next) => {
			this.#server.setSecureContext(next);
			changed();
		});
		this.#server = createServer({
			...context,
			ALPNProtocols: ["h2"],
			requestCert: tls.asksClients,
			rejectUnauthorized: tls.asksClients && !mayLack,
			handshakeTimeout: HANDSHAKE_MS,
		});
		tellRefusals(this.#server, refused);
		const problemOf = tls.asksClients ? certificateProblem : () => undefined;
		this.#server.on("secureConnection", (socket) => {
			const problem = socket.alpnProtocol === "h2" ? problemOf(socket) : "it does not offer h2 by ALPN";
			if (problem === undefined) secured(socket);
			else {
				refused(peerOf(socket), problem);
				socket.destroy();
			}
		});
	}

	/** @param socket accepted, and not read from. */
	begin(socket: Socket): void {
		this.#server.emit("connection", socket);
	}
}
