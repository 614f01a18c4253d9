import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { certificateIdentity } from "../../../util/tls/certificate-identity.js";
import { peerOf } from "../peer-address.js";

/** Milliseconds between two looks for certificates that have ended. */
const LOOK_MS = 5_000;

type Ends = Pick<Socket, "remoteAddress" | "remotePort" | "localPort">;

/** A client may come from one port to several of ours. */
function keyOf(socket: Ends): string {
	return `${peerOf(socket)} ${socket.localPort}`;
}

interface Known {
	readonly identity: string | undefined;
	/** Milliseconds since 1970. */
	readonly until: number;
	readonly socket: Socket;
}

/** Who the clients of secured connections have proved to be, by their certificates. */
export class Identities {
	readonly #known = new Map<string, Known>();
	readonly #expired: (socket: Socket) => void;
	#timer: NodeJS.Timeout | undefined;

	/** @param expired the certificate of the connection's client has ended; told once. */
	constructor(expired: (socket: Socket) => void) {
		this.#expired = expired;
	}

	/** What the client of the connection has proved, until it closes. @returns false if its certificate has ended. */
	learn(socket: TLSSocket): boolean {
		const certificate = socket.getPeerX509Certificate();
		if (!certificate) return true;
		const until = certificate.validToDate.getTime();
		// Who comes back with a session is not verified again.
		if (until <= Date.now()) return false;
		this.#add(socket, certificateIdentity(certificate), until);
		this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
		return true;
	}

	/** Its client is who the address stands for that it came to. */
	give(socket: Socket, identity: string): void {
		this.#add(socket, identity, Number.POSITIVE_INFINITY);
	}

	/** Undefined for who has proved nothing. @param socket the connection, or what stands for it in an HTTP/2 session. */
	of(socket: Ends | undefined): string | undefined {
		return this.#known.size > 0 && socket ? this.#known.get(keyOf(socket))?.identity : undefined;
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#add(socket: Socket, identity: string | undefined, until: number): void {
		const key = keyOf(socket);
		this.#known.set(key, { identity, until, socket });
		socket.once("close", () => this.#known.delete(key));
	}

	#look(): void {
		const now = Date.now();
		for (const [key, { until, socket }] of this.#known) {
			if (until > now) continue;
			this.#known.delete(key);
			this.#expired(socket);
		}
	}
}
