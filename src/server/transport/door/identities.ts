import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type ClientCertificate, clientCertificate, isDistrusted } from "../../../util/tls/client-certificate.js";
import { peerOf } from "../peer-address.js";
import type { ConnectionIdentity } from "./call-identities.js";

/** Milliseconds between two looks for certificates that have ended. */
const LOOK_MS = 5_000;

type Ends = Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">;

/** A client may come from one port to several of ours. */
function keyOf(socket: Ends): string {
	return `${peerOf(socket)} ${socket.localAddress} ${socket.localPort}`;
}

interface Known extends ClientCertificate {
	readonly socket: Socket;
	/** Whether it came in where nobody has to prove anything. */
	readonly isOpen: boolean;
}

const NOBODY = { identity: undefined, isOpen: false };

/** Why the streams of a connection end. */
const EXPIRED = "the client's certificate has expired; connect again with the next one";
const DISTRUSTED = "the CA of the client's certificate does not count any more";

/** Who the clients of secured connections have proved to be, by their certificates. */
export class Identities {
	readonly #known = new Map<string, Known>();
	readonly #expired: (socket: Socket, why: string) => void;
	#timer: NodeJS.Timeout | undefined;

	/** @param expired the certificate of the connection's client does not count any more; told once. */
	constructor(expired: (socket: Socket, why: string) => void) {
		this.#expired = expired;
	}

	/**
	 * What the client of the connection has proved, until it closes.
	 * @param cas fingerprints of the CAs that count.
	 * @returns false if its certificate has ended.
	 */
	learn(socket: TLSSocket, cas: ReadonlySet<string>): boolean {
		const certificate = clientCertificate(socket, cas);
		if (!certificate) return true;
		// Who comes back with a session is not verified again.
		if (certificate.until <= Date.now()) return false;
		this.#add(socket, { ...certificate, socket, isOpen: false });
		this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
		return true;
	}

	/** It came in where nobody has to prove anything. @param identity who its client is there. */
	give(socket: Socket, identity: string | undefined): void {
		this.#add(socket, { identity, until: Number.POSITIVE_INFINITY, ca: "", socket, isOpen: true });
	}

	/** Other CAs count from now on. @param before those that counted up to now. */
	trust(cas: ReadonlySet<string>, before: ReadonlySet<string>): void {
		for (const [key, known] of this.#known)
			if (!known.isOpen && isDistrusted(known, cas, before)) this.#end(key, known, DISTRUSTED);
	}

	/** @param socket the connection, or what stands for it in an HTTP/2 session. */
	of(socket: Ends | undefined): ConnectionIdentity {
		return (this.#known.size > 0 && socket && this.#known.get(keyOf(socket))) || NOBODY;
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#add(socket: Socket, known: Known): void {
		const key = keyOf(socket);
		this.#known.set(key, known);
		socket.once("close", () => this.#known.delete(key));
	}

	#look(): void {
		const now = Date.now();
		for (const [key, known] of this.#known) if (known.until <= now) this.#end(key, known, EXPIRED);
	}

	#end(key: string, { socket }: Known, why: string): void {
		this.#known.delete(key);
		this.#expired(socket, why);
	}
}
