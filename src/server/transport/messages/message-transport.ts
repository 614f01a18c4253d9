import { type ClientHttp2Stream, connect } from "node:http2";
import { duplexPair } from "node:stream";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { DEFAULT_LIMITS } from "../../../model/limits.js";
import { messageOf } from "../../../util/errors.js";
import { frameOf } from "../../wire/message-frame.js";
import { bytesMethod, type Call } from "./bytes-method.js";
import { type CallMessages, GrpcMessages } from "./call-messages.js";
import { DirectMessages, type MessageSettings } from "./direct-messages.js";
import { http2StreamOf } from "./http2-stream.js";
import { UnreadMessages } from "./unread-messages.js";

/** Time limit of the call within the process, for a busy machine. */
const CHECK_LIMIT_MS = 2_000;
const PATH = "/fingerpost.Check/Frames";

/**
 * Decides whether messages go straight to and from HTTP/2 streams. That uses a private field of
 * grpc-js, so one real call within the process checks that it works with this version of grpc-js.
 */
export class MessageTransport {
	readonly #settings: MessageSettings;
	#works = false;

	constructor(settings: MessageSettings) {
		this.#settings = settings;
	}

	/** @returns why it does not work, or undefined if it does. */
	async check(): Promise<string | undefined> {
		try {
			await checkCall();
			this.#works = true;
			return undefined;
		} catch (reason) {
			return messageOf(reason);
		}
	}

	messagesOf(call: Call): CallMessages {
		const stream = this.#works ? http2StreamOf(call) : undefined;
		return stream ? new DirectMessages(call, stream, this.#settings) : new GrpcMessages(call);
	}
}

const CHECK_SETTINGS: MessageSettings = {
	maxBytes: () => DEFAULT_LIMITS.messageBytes,
	unread: new UnreadMessages(() => DEFAULT_LIMITS),
};

const REQUESTS = [
	Buffer.from("first"),
	Buffer.alloc(50_000, "second"),
	Buffer.from("third"),
	Buffer.from("last"),
] as const;

/** @throws Error that says what is not as expected. */
async function checkCall(): Promise<void> {
	const server = new Server({ "grpc.enable_channelz": 0 });
	server.addService({ frames: bytesMethod(PATH) }, { frames: answer });
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
		const frames = Buffer.concat(REQUESTS.map((message) => frameOf([message])));
		stream.write(frames.subarray(0, 7));
		stream.end(frames.subarray(7));
		const { body, grpcStatus } = await Promise.race([answerOf(stream), failed]);
		if (grpcStatus !== status.OK || !body.equals(frames)) {
			throw new Error(`a call ended with status ${grpcStatus} and ${body.byteLength} bytes`);
		}
	} finally {
		session.destroy();
		server.forceShutdown();
		for (const end of [near, far]) end.destroy();
	}
}

/** Echoes each message, with a pause after each. */
function answer(call: Call): void {
	const stream = http2StreamOf(call);
	call.on("error", () => {});
	if (!stream) {
		call.emit("error", { code: status.INTERNAL, details: "its HTTP/2 stream is not where it used to be" });
		return;
	}
	const messages = new DirectMessages(call, stream, CHECK_SETTINGS);
	let left = 0;
	let ended = false;
	const settle = () => ended && left === 0 && call.end();
	messages.listen({
		message: (message) => {
			left++;
			messages.write(frameOf([message]), () => {
				left--;
				settle();
			});
			messages.pause();
			setImmediate(() => messages.resume());
			return undefined;
		},
		unreadable: (reason) => call.emit("error", { code: status.INTERNAL, details: messageOf(reason) }),
		ended: () => {
			ended = true;
			settle();
		},
	});
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
	return { grpcStatus: await ended, body: Buffer.concat(body) };
}
