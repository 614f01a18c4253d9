import type { Server } from "node:http";
import type { Socket } from "node:net";
import { socketBelow } from "../../util/tls/socket-below.js";

/**
 * Keeps a server to a number of connections. One on which no request is being answered, because none has come or not all
 * of one, makes room for the next: whoever opens many and says nothing keeps nobody out. By TLS that holds from before the
 * handshake on.
 */
export class ConnectionBudget {
	readonly #max: number;
	/** Those without a request that is being answered, from the one that has been so for longest. */
	readonly #waiting = new Set<Socket>();
	#open = 0;

	constructor(server: Server, max: number) {
		this.#max = max;
		server.on("connection", (socket) => this.#add(socket));
		server.on("request", ({ socket: own }, response) => {
			const socket = socketBelow(own);
			this.#waiting.delete(socket);
			response.once("close", () => {
				if (!socket.destroyed) this.#waiting.add(socket);
			});
		});
	}

	#add(socket: Socket): void {
		this.#open++;
		this.#waiting.add(socket);
		socket.once("close", () => {
			this.#open--;
			this.#waiting.delete(socket);
		});
		if (this.#open > this.#max) this.#makeRoom();
	}

	/** Ends the oldest of the peer that has most of them; that is the new one itself where all others are at work. */
	#makeRoom(): void {
		const counts = new Map<string | undefined, number>();
		let most: string | undefined;
		for (const { remoteAddress } of this.#waiting) {
			const count = (counts.get(remoteAddress) ?? 0) + 1;
			counts.set(remoteAddress, count);
			if (count > (counts.get(most) ?? 0)) most = remoteAddress;
		}
		for (const socket of this.#waiting) {
			if (socket.remoteAddress !== most) continue;
			this.#waiting.delete(socket);
			socket.destroy();
			return;
		}
	}
}
