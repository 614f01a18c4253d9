import type { Socket } from "node:net";

/**
 * Share of the age by which a connection ends sooner or later: clients that came at once do not
 * leave at once.
 */
const JITTER = 0.1;

/** Ends connections at a maximum age, so that clients spread over the replicas again. */
export class ConnectionAge {
	readonly #maxAge: number;
	readonly #end: (socket: Socket) => void;
	readonly #timers = new Map<Socket, NodeJS.Timeout>();

	/**
	 * @param maxAge milliseconds, give or take a tenth.
	 * @param end ends the connection's streams in order, then the connection.
	 */
	constructor(maxAge: number, end: (socket: Socket) => void) {
		this.#maxAge = maxAge;
		this.#end = end;
	}

	/** @param socket a new connection. */
	watch(socket: Socket): void {
		const age = this.#maxAge * (1 - JITTER + 2 * JITTER * Math.random());
		const timer = setTimeout(() => {
			this.#timers.delete(socket);
			this.#end(socket);
		}, age);
		this.#timers.set(socket, timer);
		socket.once("close", () => this.#forget(socket));
	}

	stop(): void {
		for (const socket of [...this.#timers.keys()]) this.#forget(socket);
	}

	#forget(socket: Socket): void {
		clearTimeout(this.#timers.get(socket));
		this.#timers.delete(socket);
	}
}
