import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface HttpProxy extends AsyncDisposable {
	/** `127.0.0.1:PORT`. */
	readonly address: string;
	/** What CONNECT asked for, each time. */
	readonly tunnels: readonly string[];
}

/** A forward proxy on loopback, for CONNECT alone. */
export async function startHttpProxy(): Promise<HttpProxy> {
	const tunnels: string[] = [];
	const sockets = new Set<Socket>();
	const held = (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => socket.destroy());
	};
	const server = createServer((_asked, answer) => answer.writeHead(405).end());
	server.on("connection", held);
	server.on("connect", ({ url = "" }, client: Socket) => {
		tunnels.push(url);
		const colon = url.lastIndexOf(":");
		const onward = connect(Number(url.slice(colon + 1)), url.slice(0, colon));
		held(onward);
		onward.once("connect", () => {
			client.write("HTTP/1.1 200 OK\r\n\r\n");
			client.pipe(onward).pipe(client);
		});
		onward.on("close", () => client.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		tunnels,
		async [Symbol.asyncDispose]() {
			const closed = new Promise((resolve) => server.close(resolve));
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}
