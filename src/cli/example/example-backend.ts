import { once } from "node:events";
import { createServer as createHttp1 } from "node:http";
import { createServer as createHttp2, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { createServer as createTcp, type Socket } from "node:net";

/** A connection that says nothing is ended: 60 s. */
const IDLE_MS = 60_000;

/**
 * Something to call: answers every request, by HTTP/1.1, HTTP/2 and gRPC, with its own port. By gRPC it is a message
 * whose first field is that text, such as a google.protobuf.StringValue.
 * @throws what listen() throws, as where the port is in use.
 */
export async function startExampleBackend(port: number): Promise<AsyncDisposable> {
	const name = String(port);
	const http1 = createHttp1((request, response) => {
		request.resume();
		response.end(`${name}\n`);
	});
	const http2 = createHttp2().on("stream", (stream, headers) => answer(stream, headers, name));
	const sockets = new Set<Socket>();
	const listener = createTcp((socket) => {
		sockets.add(socket);
		socket.setTimeout(IDLE_MS, () => socket.destroy());
		// A peer that goes away without a word is no fault here.
		socket.on("error", () => {}).once("close", () => sockets.delete(socket));
		// What the peer speaks shows in its first bytes.
		socket.once("readable", () => {
			const first = socket.read() as Buffer | null;
			if (!first) return;
			socket.unshift(first);
			(first.toString("latin1", 0, 3) === "PRI" ? http2 : http1).emit("connection", socket);
		});
	});
	listener.listen(port, "127.0.0.1");
	await once(listener, "listening");
	return {
		async [Symbol.asyncDispose]() {
			const closed = once(listener, "close");
			listener.close();
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}

function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, name: string): void {
	// A client that gives its call up is no fault either.
	stream.on("error", () => {});
	stream.resume().once("end", () => {
		if (stream.destroyed) return;
		if (!headers["content-type"]?.startsWith("application/grpc")) {
			stream.respond({ ":status": 200, "content-type": "text/plain" });
			stream.end(`${name}\n`);
			return;
		}
		stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
		stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
		stream.end(grpcMessage(name));
	});
}

/** A gRPC frame with a message whose field 1 is the text. @param text at most 127 bytes. */
function grpcMessage(text: string): Buffer {
	const value = Buffer.from(text);
	const head = Buffer.alloc(7);
	head.writeUInt32BE(value.length + 2, 1);
	head.set([0x0a, value.length], 5);
	return Buffer.concat([head, value]);
}
