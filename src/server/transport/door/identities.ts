import type { TLSSocket } from "node:tls";
import { certificateIdentity } from "../../../util/tls/certificate-identity.js";
import { peerOf } from "../peer-address.js";

/** Milliseconds between two looks for certificates that have ended. */
const LOOK_MS = 5_000;

interface Known {
	readonly identity: string | undefined;
	/** Milliseconds since 1970. */
	readonly until: number;
	readonly socket: TLSSocket;
}

/** Who the clients of secured connections have proved to be, by their certificates. */
export class Identities {
	readonly #known = new Map<string, Known>();
	readonly #expired: (socket: TLSSocket) => void;
	#timer: NodeJS.Timeout | undefined;

	/** @param expired the certificate of the connection's client has ended; told once. */
	constructor(expired: (socket: TLSSocket) => void) {
		this.#expired = expired;
	}

	/** What the client of the connection has proved, until it closes. @returns false if its certificate has ended. */
	learn(socket: TLSSocket): boolean {
		const certificate = socket.getPeerX509Certificate();
		if (!certificate) return true;
		const until = certificate.validToDate.getTime();
		// Who comes back with a session is not verified again.
		if (until <= Date.now()) return false;
		const peer = peerOf(socket);
		this.#known.set(peer, { identity: certificateIdentity(certificate), until, socket });
		socket.once("close", () => this.#known.delete(peer));
		this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
		return true;
	}

	/** Undefined for who has proved nothing. */
	of(peer: string): string | undefined {
		return this.#known.get(peer)?.identity;
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#look(): void {
		const now = Date.now();
		for (const [peer, { until, socket }] of this.#known) {
			if (until > now) continue;
			this.#known.delete(peer);
			this.#expired(socket);
		}
	}
}
