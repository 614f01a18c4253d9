import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ownHost, PORT } from "./own-host.js";

/** What a gate does in place of passing on. */
export type TcpFault = "refused" | "hangs" | "blank" | "half" | "garbage";

/** So many bytes of answers are passed on before a connection breaks, by turns: within a frame of HTTP/2. */
const HALVES = [30, 90, 150, 400];

/** A relay of TCP that can do to its clients what a source, or something on the way to it, does when it fails. */
export class TcpGate implements AsyncDisposable {
	readonly #host = ownHost();
	readonly #sockets = new Set<Socket>();
	readonly #server: Server;
	/** Connections so far. */
	asked = 0;
	#to: number;
	#fault: TcpFault | undefined;
	#halves = 0;

	private constructor(to: number) {
		this.#to = to;
		this.#server = createServer((near) => this.#serve(near));
	}

	static async to(port: number): Promise<TcpGate> {
		const gate = new TcpGate(port);
		await gate.#listen();
		return gate;
	}

	/** `HOST:PORT` */
	get address(): string {
		return `${this.#host}:${PORT}`;
	}

	/** From now on new connections lead to there. */
	lead(to: number): void {
		this.#to = to;
	}

	/** What is under way breaks off, or falls silent for ever. */
	async fail(fault: TcpFault): Promise<void> {
		this.#fault = fault;
		if (fault === "hangs") for (const socket of this.#sockets) socket.unpipe().pause();
		else this.breakAll();
		if (fault === "refused") await this.#close();
	}

	async pass(): Promise<void> {
		// What hangs is never spoken to again, as where a network forgot the connection.
		this.#fault = undefined;
		if (!this.#server.listening) await this.#listen();
	}

	breakAll(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#close();
	}

	async #listen(): Promise<void> {
		this.#server.listen(PORT, this.#host);
		await once(this.#server, "listening");
	}

	async #close(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.breakAll();
		await closed;
	}

	#serve(near: Socket): void {
		this.asked++;
		this.#keep(near);
		if (this.#fault === "hangs") near.pause();
		else if (this.#fault === "blank") near.end();
		else if (this.#fault === "garbage") near.end("HTTP/1.1 200 OK\r\n\r\n<!doctype html><title>Sign in</title>");
		else this.#pass(near);
	}

	#pass(near: Socket): void {
		const far = connect(this.#to, "127.0.0.1");
		this.#keep(far);
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			// Both ends see the end of either, but for one that hangs.
			socket.on("close", () => this.#fault !== "hangs" && other.destroy());
		}
		near.pipe(far);
		if (this.#fault !== "half") {
			far.pipe(near);
			return;
		}
		let left = HALVES[this.#halves++ % HALVES.length] as number;
		far.on("data", (piece) => {
			near.write(piece.subarray(0, left));
			left -= piece.length;
			if (left <= 0) near.destroySoon();
		});
	}

	#keep(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on("error", () => socket.destroy()).on("close", () => this.#sockets.delete(socket));
	}
}
