import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type ClientTrust, NO_TRUST } from "../../../util/tls/client-certificate.js";
import type { FollowedTls } from "../../../util/tls/followed-tls.js";
import { socketBelow } from "../../../util/tls/socket-below.js";
import { certificateProblem, HANDSHAKE_MS, type Refused, tellRefusals } from "../../../util/tls/tls-refusal.js";
import { peerOf } from "../peer-address.js";

/** Handshakes at a time: the next ones begin when others are over. */
const AT_ONCE = 256;
/** Milliseconds after which one no longer counts: its client is slow, or wants to keep others out. */
const SLOW_MS = 1_000;

export interface HandshakeEvents {
	/** The connection is encrypted, and its client has brought what it must. @param begun what it was held against. */
	secured(socket: TLSSocket, begun: ClientTrust): void;
	/** One is over, in whatever way: another one may begin. */
	over(): void;
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
	/** When each began that still counts, the first one first. */
	readonly #open = new Map<Socket, number>();
	readonly #over: () => void;

	/** @param mayLack whether a client may come without a certificate, though it is asked for one. */
	constructor(tls: FollowedTls, mayLack: boolean, { secured, over, changed, refused }: HandshakeEvents) {
		this.#tls = tls;
		this.#over = over;
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
			const below = socketBelow<Socket>(socket);
			this.#end(below);
			const problem = socket.alpnProtocol === "h2" ? problemOf(socket) : "it does not offer h2 by ALPN";
			if (problem === undefined) secured(socket, this.#begun.get(below) ?? NO_TRUST);
			else {
				refused(peerOf(socket), problem);
				socket.destroy();
			}
		});
	}

	/** Whether no other one should begin yet. Those that take long do not count. @param now milliseconds. */
	isFull(now: number): boolean {
		if (this.#open.size < AT_ONCE) return false;
		for (const [socket, since] of this.#open) {
			if (now - since < SLOW_MS) break;
			this.#open.delete(socket);
		}
		return this.#open.size >= AT_ONCE;
	}

	/** Its time counts from now on. @param socket of which nothing has been read but what it holds. */
	begin(socket: Socket): void {
		this.#begun.set(socket, this.#tls.clientTrust);
		this.#open.set(socket, performance.now());
		socket.once("close", () => this.#end(socket));
		this.#server.emit("connection", socket);
	}

	#end(socket: Socket): void {
		if (this.#open.delete(socket)) this.#over();
	}
}
