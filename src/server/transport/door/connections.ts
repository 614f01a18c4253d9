import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import type { HostPort } from "../../../model/host-port.js";
import { ListenFailed } from "../../../model/listen/listen-failed.js";
import type { FollowedTls } from "../../../util/tls/followed-tls.js";
import { peerOf } from "../peer-address.js";
import { Admission } from "./admission.js";
import { ConnectionAge } from "./connection-age.js";
import type { Door } from "./door.js";
import { Handshakes } from "./handshakes.js";
import { Identities } from "./identities.js";

/** Connections that may wait to be accepted: after a restart everybody reconnects at once. */
const BACKLOG = 4_096;

/** Milliseconds between two looks whether all are closed. */
const LOOK_MS = 5;

export interface ConnectionCounts {
	readonly waiting: number;
	/** Since the start. */
	readonly refused: number;
}

export interface ConnectionsOptions {
	readonly door: Door;
	/** Milliseconds, a tenth more or less, after which a connection is retired. Default: never. */
	readonly maxAge?: number | undefined;
	/** The connection is set up from now on. */
	admit(socket: Socket): void;
	/** Ends an old connection in order. */
	retire(socket: Socket): Promise<void>;
	/** Whether others wait for their turn. */
	busy(): boolean;
	failed(error: Error): void;
	/** By TLS a client was refused. @param address with port. @param reason why, in words. */
	refused(address: string, reason: string): void;
	/** The certificate of the connection's client has ended. */
	expired(socket: Socket): void;
}

/** Takes connections, and lets them in at a pace. */
export class Connections {
	readonly #options: ConnectionsOptions;
	// Nothing is read from a connection until it is admitted.
	readonly #listener = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
	readonly #admission: Admission;
	readonly #ages: ConnectionAge | undefined;
	readonly #sockets = new Set<Socket>();
	readonly #identities: Identities;
	#handshakes: Handshakes | undefined;

	constructor(options: ConnectionsOptions) {
		this.#options = options;
		this.#identities = new Identities((socket) => options.expired(socket));
		this.#admission = new Admission({
			admit: (socket) => this.#admit(socket),
			busy: () => options.busy(),
			refusing: () => options.failed(tooManyConnections()),
		});
		if (options.maxAge) this.#ages = new ConnectionAge(options.maxAge, (socket) => void options.retire(socket));
	}

	/** How many wait to be set up, and how many were refused (see Admission). */
	get counts(): ConnectionCounts {
		const { waiting, refused } = this.#admission;
		return { waiting, refused };
	}

	get size(): number {
		return this.#sockets.size;
	}

	/**
	 * @param tls was started; connections are in clear unless it is given.
	 * @returns the address that is really bound.
	 * @throws FingerpostError LISTEN_FAILED
	 */
	async listen(address: HostPort, tls?: FollowedTls): Promise<HostPort> {
		const { host, port } = address;
		if (tls) {
			const { refused } = this.#options;
			this.#handshakes = new Handshakes(tls, { secured: (socket) => this.#secured(socket), refused });
		}
		await new Promise<void>((resolve, reject) => {
			this.#listener.once("error", (error) =>
				reject(new ListenFailed("cannot listen for xDS", "xds.listen", address, error)),
			);
			this.#listener.listen({ host, port, backlog: BACKLOG }, resolve);
		});
		// Such as EMFILE on accept: the server goes on.
		this.#listener.removeAllListeners("error").on("error", (error) => this.#options.failed(error));
		return { host, port: (this.#listener.address() as AddressInfo).port };
	}

	/** Who the client at the other end has proved to be; undefined for who has proved nothing. */
	identityOf(peer: string): string | undefined {
		return this.#identities.of(peer);
	}

	/** A stream came over the connection of this address: it is set up. */
	arrived(peer: string): void {
		this.#admission.arrived(peer);
	}

	/** Takes no more. */
	close(): void {
		this.#ages?.stop();
		this.#identities.stop();
		this.#listener.close();
		this.#admission.stop();
	}

	/** Resolves when there is none any more, or after so many milliseconds. */
	async closed(limit: number): Promise<void> {
		const end = performance.now() + limit;
		while (this.size > 0 && performance.now() < end) await delay(LOOK_MS);
	}

	/** Ends those that are left: grpc-js leaves one open until its peer has read everything. */
	destroy(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	#accept(socket: Socket): void {
		if (!this.#options.door.admits(socket)) {
			socket.destroy();
			return;
		}
		this.#sockets.add(socket);
		socket.once("close", () => this.#sockets.delete(socket));
		// The close that follows is enough.
		socket.on("error", () => {});
		this.#admission.add(socket);
	}

	#admit(socket: Socket): void {
		socket.setNoDelay(true);
		if (this.#handshakes) this.#handshakes.begin(socket);
		else {
			this.#setUp(socket);
			socket.resume();
		}
	}

	#secured(socket: TLSSocket): void {
		if (this.#identities.learn(socket)) this.#setUp(socket);
		else {
			this.#options.refused(peerOf(socket), "its certificate has expired");
			socket.destroy();
		}
	}

	#setUp(socket: Socket): void {
		this.#ages?.watch(socket);
		this.#options.admit(socket);
	}
}

function tooManyConnections(): Error {
	return new Error("connections come faster than they can be set up; those who cannot wait are refused and come again");
}
