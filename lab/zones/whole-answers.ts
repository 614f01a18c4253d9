import { createServer, type Socket } from "node:net";
import { http2Frame, PREFACE } from "../http2-frames.js";

const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;

const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;

const FRAME_HEAD = 9;
/** What a client sends before its first frame. */
const MAGIC = PREFACE.length - FRAME_HEAD;

/** Header fields that no table keeps: `:status: 200` by its number, others in words. */
const BEGIN = Buffer.concat([Buffer.of(0x88), field("content-type", "application/grpc")]);
const END = field("grpc-status", "0");

/** More than the calls of any test bring, so that no client waits for room. */
const ROOM = Buffer.of(0x7f, 0, 0, 0);

/**
 * A gRPC back end that answers any call with its name, in one write: a kill leaves no answer that is half sent. Node's
 * HTTP/2 writes the status after the rest, and a client that has the rest does not try again (gRFC A6).
 */
export async function startWholeAnswers(name: string, options: { port: number; takes: number }): Promise<void> {
	const server = createServer((socket) => serve(socket, name, options.takes));
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(options.port, "127.0.0.1", resolve);
	});
}

function serve(socket: Socket, name: string, takes: number): void {
	socket.on("error", () => {});
	socket.write(Buffer.concat([http2Frame(SETTINGS, Buffer.alloc(0)), http2Frame(WINDOW_UPDATE, ROOM)]));
	let input = Buffer.alloc(0);
	let begun = false;
	socket.on("data", (chunk: Buffer) => {
		input = Buffer.concat([input, chunk]);
		if (!begun && input.length >= MAGIC) {
			input = input.subarray(MAGIC);
			begun = true;
		}
		while (begun && input.length >= FRAME_HEAD) {
			const end = FRAME_HEAD + input.readUIntBE(0, 3);
			if (input.length < end) break;
			const [type, flags, stream] = [input[3], input[4] as number, input.readUInt32BE(5)];
			if (type === SETTINGS && !(flags & ACK)) socket.write(http2Frame(SETTINGS, Buffer.alloc(0), 0, ACK));
			if (type === PING && !(flags & ACK)) socket.write(http2Frame(PING, input.subarray(FRAME_HEAD, end), 0, ACK));
			if (type === DATA && flags & END_STREAM) setTimeout(() => socket.write(answer(stream, name)), takes);
			input = input.subarray(end);
		}
	});
}

function answer(stream: number, name: string): Buffer {
	const head = Buffer.alloc(5);
	head.writeUInt32BE(name.length, 1);
	return Buffer.concat([
		http2Frame(HEADERS, BEGIN, stream, END_HEADERS),
		http2Frame(DATA, Buffer.concat([head, Buffer.from(name)]), stream),
		http2Frame(HEADERS, END, stream, END_HEADERS | END_STREAM),
	]);
}

function field(name: string, value: string): Buffer {
	return Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]);
}
