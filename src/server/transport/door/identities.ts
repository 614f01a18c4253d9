import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import {
	type ClientCertificate,
	type ClientTrust,
	clientCertificate,
	distrustOf,
} from "../../../util/tls/client-certificate.js";
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

const EXPIRED = "the client's certificate has expired; connect again with the next one";

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
	 * @param now what counts. @param begun what it was held against.
	 * @returns why its certificate does not count, in words; undefined where it does, or there is none.
	 */
	learn(socket: TLSSocket, now: ClientTrust, begun: ClientTrust): string | undefined {
		const certificate = clientCertificate(socket, begun);
		if (!certificate) return undefined;
		// Who comes back with a session is not verified again.
		if (certificate.until <= Date.now()) return "its certificate has expired";
		const why = now === begun ? undefined : distrustOf(certificate, now, begun);
		if (why !== undefined) return why;
		this.#add(socket, { ...certificate, socket, isOpen: false });
		this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
		return undefined;
	}

	/** It came in where nobody has to prove anything. @param identity who its client is there. */
	give(socket: Socket, identity: string | undefined): void {
		this.#add(socket, { identity, until: Number.POSITIVE_INFINITY, ca: "", chain: [], socket, isOpen: true });
	}

	/** Other CAs and lists count from now on. @param before what counted up to now. */
	trust(now: ClientTrust, before: ClientTrust): void {
		for (const [key, known] of this.#known) {
			const why = known.isOpen ? undefined : distrustOf(known, now, before);
			if (why !== undefined) this.#end(key, known, why);
		}
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
