import { connect, createServer, type Server, type Socket } from "node:net";
import { freePorts } from "./ports.js";

/** A TCP relay on 127.0.0.1 that can be shut: connections break, new ones are refused. */
export class Gate implements AsyncDisposable {
	readonly port: number;
	readonly #toPort: number;
	readonly #sockets = new Set<Socket>();
	#server: Server | undefined;

	private constructor(port: number, toPort: number) {
		this.port = port;
		this.#toPort = toPort;
	}

	static async to(toPort: number): Promise<Gate> {
		const [port = 0] = await freePorts(1);
		const gate = new Gate(port, toPort);
		await gate.open();
		return gate;
	}

	async open(): Promise<void> {
		const server = createServer((near) => this.#relay(near));
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(this.port, "127.0.0.1", resolve);
		});
		this.#server = server;
	}

	async shut(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		for (const socket of this.#sockets) socket.destroy();
		if (server) await new Promise((resolve) => server.close(resolve));
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.shut();
	}

	#relay(near: Socket): void {
		const far = connect(this.#toPort, "127.0.0.1");
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			this.#sockets.add(socket);
			socket.pipe(other);
			// Both ends see the end of either.
			socket.on("error", () => other.destroy());
			socket.on("close", () => {
				this.#sockets.delete(socket);
				other.destroy();
			});
		}
	}
}
