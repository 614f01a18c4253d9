import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type ClientTrust, NO_TRUST } from "../../../util/tls/client-certificate.js";
import type { FollowedTls } from "../../../util/tls/followed-tls.js";
import { socketBelow } from "../../../util/tls/socket-below.js";
import { certificateProblem, HANDSHAKE_MS, type Refused, tellRefusals } from "../../../util/tls/tls-refusal.js";
import { peerOf } from "../peer-address.js";

export interface HandshakeEvents {
	/** The connection is encrypted, and its client has brought what it must. @param begun what it was held against. */
	secured(socket: TLSSocket, begun: ClientTrust): void;
	/** Other files are in use. */
	changed(): void;
	readonly refused: Refused;
}

/** TLS on connections that were let in. What the files say by then counts; open connections keep what they have. */
export class Handshakes {
	readonly #server: Server;
	readonly #tls: FollowedTls;
	/** What counted when each began. */
	readonly #begun = new WeakMap<Socket, ClientTrust>();

	/** @param mayLack whether a client may come without a certificate, though it is asked for one. */
	constructor(tls: FollowedTls, mayLack: boolean, { secured, changed, refused }: HandshakeEvents) {
		this.#tls = tls;
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
			if (problem === undefined) secured(socket, this.#begun.get(socketBelow<Socket>(socket)) ?? NO_TRUST);
			else {
				refused(peerOf(socket), problem);
				socket.destroy();
			}
		});
	}

	/** @param socket accepted, and not read from. */
	begin(socket: Socket): void {
		this.#begun.set(socket, this.#tls.clientTrust);
		this.#server.emit("connection", socket);
	}
}
