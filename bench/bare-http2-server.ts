// The floor below the floor: the same with nothing but node:http2. A message is framed once for all streams.
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { serveRecording } from "./serve-recording.js";

await serveRecording(({ firstAnswer, groups }, ready) => {
	const server = createServer();
	server.on("stream", (stream: ServerHttp2Stream, headers) => {
		const group = String(headers["x-group"]);
		stream.respond({ ":status": 200, "content-type": "application/grpc" });
		const leave = groups.join(group, (bytes) => stream.write(framed(bytes)));
		stream.once("data", () => {
			for (const bytes of firstAnswer(group)) stream.write(framed(bytes));
			stream.on("data", () => {});
		});
		stream.on("close", leave);
		// A connection that the client has torn down.
		stream.on("error", leave);
	});
	server.listen(0, "127.0.0.1", () => ready((server.address() as AddressInfo).port));
});

const frames = new WeakMap<Buffer, Buffer>();

function framed(bytes: Buffer): Buffer {
	const known = frames.get(bytes);
	if (known) return known;
	const header = Buffer.alloc(5);
	header.writeUInt32BE(bytes.length, 1);
	const made = Buffer.concat([header, bytes]);
	frames.set(bytes, made);
	return made;
}
