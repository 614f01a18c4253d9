import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay on 127.0.0.1 that can fall silent, as a network does that loses every packet. */
export interface Relay extends AsyncDisposable {
	readonly port: number;
	/** From now on it passes nothing on, in neither direction, and closes nothing. */
	fallSilent(): void;
}

export async function startRelay(toPort: number): Promise<Relay> {
	const sockets = new Set<Socket>();
	const server = createServer((near) => {
		const far = connect(toPort, "127.0.0.1");
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(socket);
			socket.pipe(other);
			// Which side broke is for the test to find out.
			socket.on("error", () => other.destroy());
			socket.on("close", () => sockets.delete(socket));
		}
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, "127.0.0.1", resolve);
	});
	return {
		port: (server.address() as AddressInfo).port,
		fallSilent() {
			for (const socket of sockets) socket.unpipe().pause();
		},
		async [Symbol.asyncDispose]() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
