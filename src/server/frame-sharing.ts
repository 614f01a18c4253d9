import { type ClientHttp2Stream, connect } from "node:http2";
import { duplexPair } from "node:stream";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { messageOf } from "../util/errors.js";
import { bytesMethod, type Call } from "./bytes-method.js";
import { CopyingWriter, type FrameWriter, http2StreamOf, SharingWriter } from "./frame-writer.js";
import { frameOf } from "./message-frame.js";

/** What a call within the process may take at a start on a busy machine. */
const CHECK_LIMIT_MS = 2_000;
const PATH = "/fingerpost.Check/Frames";

/**
 * Whether messages are written as shared frames. That takes grpc-js's HTTP/2 stream, which is no part of its interface: one
 * call within the process shows whether it does with this version what it did with those that it was made for.
 */
export class FrameSharing {
	#works = false;

	/** @returns why frames cannot be shared, or undefined if they can. */
	async check(): Promise<string | undefined> {
		try {
			await checkCall();
			this.#works = true;
			return undefined;
		} catch (reason) {
			return messageOf(reason);
		}
	}

	writerFor(call: Call): FrameWriter {
		const stream = this.#works ? http2StreamOf(call) : undefined;
		return stream ? new SharingWriter(call, stream) : new CopyingWriter(call);
	}
}

/** @throws what is not as it should be. */
async function checkCall(): Promise<void> {
	const frames = [frameOf([Buffer.from("first")]), frameOf([Buffer.alloc(100_000, "second")])] as const;
	const server = new Server({ "grpc.enable_channelz": 0 });
	server.addService({ frames: bytesMethod(PATH) }, { frames: (call: Call) => answer(call, frames) });
	const [near, far] = duplexPair();
	server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(far);
	const session = connect("http://localhost", { createConnection: () => near });
	try {
		const failed = new Promise<never>((_, reject) => session.on("error", reject));
		const stream = session.request({
			":method": "POST",
			":path": PATH,
			"content-type": "application/grpc",
			te: "trailers",
		});
		const { body, grpcStatus } = await Promise.race([answerOf(stream), failed]);
		if (grpcStatus !== status.OK || !body.equals(Buffer.concat(frames))) {
			throw new Error(`a call ended with status ${grpcStatus} and ${body.byteLength} bytes`);
		}
	} finally {
		session.destroy();
		server.forceShutdown();
		for (const end of [near, far]) end.destroy();
	}
}

function answer(call: Call, frames: readonly [Buffer, Buffer]): void {
	const stream = http2StreamOf(call);
	call.on("error", () => {});
	if (!stream) {
		call.emit("error", { code: status.INTERNAL, details: "its HTTP/2 stream is not where it used to be" });
		return;
	}
	const writer = new SharingWriter(call, stream);
	const [first, second] = frames;
	writer.write(first, () => writer.write(second, () => call.end()));
}

async function answerOf(stream: ClientHttp2Stream): Promise<{ body: Buffer; grpcStatus: number }> {
	const body: Buffer[] = [];
	const ended = new Promise<number>((resolve, reject) => {
		let grpcStatus = Number.NaN;
		stream.on("response", (headers) => {
			if (headers["grpc-message"]) reject(new Error(decodeURI(String(headers["grpc-message"]))));
		});
		stream.on("data", (chunk: Buffer) => body.push(chunk));
		stream.on("trailers", (trailers) => {
			grpcStatus = Number(trailers["grpc-status"]);
		});
		stream.on("end", () => resolve(grpcStatus));
		stream.on("error", reject);
		stream.setTimeout(CHECK_LIMIT_MS, () => reject(new Error(`a call took longer than ${CHECK_LIMIT_MS} ms`)));
	});
	stream.end(frameOf([]));
	return { grpcStatus: await ended, body: Buffer.concat(body) };
}
