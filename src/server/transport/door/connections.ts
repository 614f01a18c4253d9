import type { ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import type { ListenAddress } from "../../../model/listen/listen-address.js";
import { ListenFailed, type ListenSetting } from "../../../model/listen/listen-failed.js";
import { listenOnSocket } from "../../../util/net/unix-listener.js";
import type { ClientTrust } from "../../../util/tls/client-certificate.js";
import type { FollowedTls } from "../../../util/tls/followed-tls.js";
import { connectionOf } from "../messages/http2-stream.js";
import { peerOf } from "../peer-address.js";
import { Admission } from "./admission.js";
import type { ConnectionIdentity } from "./call-identities.js";
import { ConnectionAge } from "./connection-age.js";
import type { Door } from "./door.js";
import { Handshakes } from "./handshakes.js";
import { Hellos } from "./hellos.js";
import { Identities } from "./identities.js";
import { nameUnixPeer } from "./unix-peer.js";

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
	/** The certificate of the connection's client does not count any more. */
	expired(socket: Socket, why: string): void;
	/** Whether a client may come without the certificate that it is asked for. */
	readonly mayLack: boolean;
}

export interface ListenOptions {
	/** Started; connections are in clear unless it is given. */
	readonly tls?: FollowedTls | undefined;
	/** Who comes in here in clear. */
	readonly identity?: string | undefined;
	/** Whether nobody has to prove anything here. */
	readonly isOpen?: boolean;
	/** Where the address stands in the config; `xds.listen` unless given. */
	readonly setting?: ListenSetting | undefined;
	/** Of a Unix socket, in octal. */
	readonly socketMode?: string | undefined;
}

/** One more address, at which nobody has to prove anything. */
export interface AlsoAddress extends Pick<ListenOptions, "identity" | "socketMode"> {
	readonly listen: ListenAddress;
}

/** How a connection is taken. */
interface Way {
	readonly handshakes: Handshakes | undefined;
	readonly identity: string | undefined;
	readonly isOpen: boolean;
	/** Of a Unix socket. */
	readonly path: string | undefined;
}

/** Takes connections, and lets them in at a pace. */
export class Connections {
	readonly #options: ConnectionsOptions;
	readonly #listeners: Server[] = [];
	/** By which way each came in that is not set up yet. */
	readonly #ways = new WeakMap<Socket, Way>();
	readonly #hellos: Hellos;
	readonly #handshaking: Handshakes[] = [];
	readonly #admission: Admission;
	readonly #ages: ConnectionAge | undefined;
	readonly #sockets = new Set<Socket>();
	readonly #identities: Identities;

	constructor(options: ConnectionsOptions) {
		this.#options = options;
		this.#identities = new Identities((socket, why) => options.expired(socket, why));
		this.#hellos = new Hellos((address, reason) => options.refused(address, reason));
		this.#admission = new Admission({
			admit: (socket) => this.#admit(socket),
			busy: () => options.busy(),
			shaking: (now) => this.#handshaking.some((each) => each.isFull(now)),
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
	 * May be called several times, for several addresses.
	 * @returns the address that is really bound.
	 * @throws FingerpostError LISTEN_FAILED
	 */
	async listen(address: ListenAddress, options: ListenOptions = {}): Promise<ListenAddress> {
		const { tls, identity, isOpen = false, setting = "xds.listen", socketMode = "660" } = options;
		const { host, port, path } = address;
		const way = { handshakes: tls && this.#handshakes(tls), identity, isOpen, path };
		// Nothing is read from a connection until it is admitted.
		const listener = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket, way));
		this.#listeners.push(listener);
		const bound = path === undefined ? bind(listener, address) : listenOnSocket(listener, path, socketMode, BACKLOG);
		await bound.catch((error) => {
			throw new ListenFailed("cannot listen for xDS", setting, address, error);
		});
		// Such as EMFILE on accept: the server goes on.
		listener.removeAllListeners("error").on("error", (error) => this.#options.failed(error));
		return path === undefined ? { host, port: (listener.address() as AddressInfo).port } : { host, port, path };
	}

	/** The same, in clear, and who comes there is `also:` and the identity. */
	listenOpen({ listen, identity, socketMode }: AlsoAddress): Promise<ListenAddress> {
		const who = identity === undefined ? undefined : `also:${identity}`;
		return this.listen(listen, { identity: who, isOpen: true, setting: "xds.also", socketMode });
	}

	/** Who the client of the stream's connection has proved to be. */
	identityOf(stream: ServerHttp2Stream): ConnectionIdentity {
		return this.#identities.of(connectionOf(stream));
	}

	/** A stream came over the connection of this address: it is set up. */
	arrived(peer: string): void {
		this.#admission.arrived(peer);
	}

	/** Takes no more. */
	close(): void {
		this.#ages?.stop();
		this.#identities.stop();
		for (const listener of this.#listeners) listener.close();
		this.#hellos.stop();
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

	#accept(socket: Socket, way: Way): void {
		if (way.path !== undefined) nameUnixPeer(socket, way.path);
		if (!this.#options.door.admits(socket)) {
			socket.destroy();
			return;
		}
		this.#sockets.add(socket);
		this.#ways.set(socket, way);
		socket.once("close", () => this.#sockets.delete(socket));
		// The close that follows is enough.
		socket.on("error", () => {});
		if (way.handshakes) this.#hellos.wait(socket, () => this.#admission.add(socket));
		else this.#admission.add(socket);
	}

	#admit(socket: Socket): void {
		socket.setNoDelay(true);
		const { handshakes, identity, isOpen } = this.#ways.get(socket) ?? {};
		if (handshakes) {
			handshakes.begin(socket);
			return;
		}
		if (isOpen) this.#identities.give(socket, identity);
		this.#setUp(socket);
		socket.resume();
	}

	#handshakes(tls: FollowedTls): Handshakes {
		const { refused, mayLack } = this.#options;
		let trust = tls.clientTrust;
		const handshakes = new Handshakes(tls, mayLack, {
			over: () => this.#admission.shaken(),
			secured: (socket, begun) => this.#secured(socket, tls.clientTrust, begun),
			changed: () => {
				this.#identities.trust(tls.clientTrust, trust);
				trust = tls.clientTrust;
			},
			refused,
		});
		this.#handshaking.push(handshakes);
		return handshakes;
	}

	#secured(socket: TLSSocket, now: ClientTrust, begun: ClientTrust): void {
		const problem = this.#identities.learn(socket, now, begun);
		if (problem === undefined) this.#setUp(socket);
		else {
			this.#options.refused(peerOf(socket), problem);
			socket.destroy();
		}
	}

	#setUp(socket: Socket): void {
		this.#ages?.watch(socket);
		this.#options.admit(socket);
	}
}

function bind(listener: Server, { host, port }: ListenAddress): Promise<void> {
	return new Promise((resolve, reject) => {
		listener.once("error", reject).listen({ host, port, backlog: BACKLOG }, resolve);
	});
}

function tooManyConnections(): Error {
	return new Error("connections come faster than they can be set up; those who cannot wait are refused and come again");
}
