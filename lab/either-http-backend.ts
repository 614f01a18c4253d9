import { createServer as createHttp1 } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";

/** A back end that speaks HTTP/1.1 and HTTP/2 on one port, and counts by which it was asked. */
export interface EitherHttpBackend extends AsyncDisposable {
	/** `127.0.0.1:PORT`. */
	readonly address: string;
	readonly requests: { readonly http1: number; readonly http2: number };
}

/** Answers every request with its name as the body. What the peer speaks shows in its first bytes. */
export async function startEitherHttpBackend(name: string): Promise<EitherHttpBackend> {
	const requests = { http1: 0, http2: 0 };
	const http1 = createHttp1((_request, response) => {
		requests.http1++;
		response.end(name);
	});
	http1.keepAliveTimeout = 0;
	const http2 = createHttp2((_request, response) => {
		requests.http2++;
		response.end(name);
	});
	const sockets = new Set<Socket>();
	const listener = createTcp((socket) => {
		sockets.add(socket);
		// A peer that goes away without a word is no fault here.
		socket.on("error", () => {}).once("close", () => sockets.delete(socket));
		socket.once("readable", () => {
			const first = socket.read() as Buffer | null;
			if (!first) return;
			socket.unshift(first);
			(first.toString("latin1", 0, 3) === "PRI" ? http2 : http1).emit("connection", socket);
		});
	});
	await new Promise<void>((resolve, reject) => {
		listener.once("error", reject);
		listener.listen(0, "127.0.0.1", resolve);
	});
	return {
		address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
		requests,
		async [Symbol.asyncDispose]() {
			const closed = new Promise((resolve) => listener.close(resolve));
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}
