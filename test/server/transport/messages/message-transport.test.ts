import { duplexPair } from "node:stream";
import {
	Client,
	type ClientOptions,
	compressionAlgorithms,
	credentials,
	Server,
	ServerCredentials,
	status,
} from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/model/limits.js";
import { bytesMethod, type Call } from "../../../../src/server/transport/messages/bytes-method.js";
import { type CallMessages, GrpcMessages } from "../../../../src/server/transport/messages/call-messages.js";
import { DirectMessages, type MessageSettings } from "../../../../src/server/transport/messages/direct-messages.js";
import { MessageTransport } from "../../../../src/server/transport/messages/message-transport.js";
import { UnreadMessages } from "../../../../src/server/transport/messages/unread-messages.js";
import { frameOf } from "../../../../src/server/wire/message-frame.js";

const METHOD = bytesMethod("/test.Frames/Frames");
const MESSAGES = [Buffer.from("small"), Buffer.alloc(300_000, "large"), Buffer.alloc(0)];

function settings(maxBytes: number, times = {}): MessageSettings {
	const limits = { ...DEFAULT_LIMITS, messageBytes: maxBytes };
	return { maxBytes: () => maxBytes, unread: new UnreadMessages(() => limits), times };
}

const cleanUp: (() => void)[] = [];

afterEach(() => {
	for (const undo of cleanUp.splice(0)) undo();
});

async function serve(open: (call: Call) => void, options: ClientOptions = {}): Promise<Client> {
	const server = new Server();
	server.addService({ frames: METHOD }, { frames: open });
	const port = await new Promise<number>((resolve, reject) =>
		server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
			error ? reject(error) : resolve(bound),
		),
	);
	const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
	cleanUp.push(
		() => client.close(),
		() => server.forceShutdown(),
	);
	return client;
}

interface Echo {
	readonly messages: Buffer[];
	readonly code: number;
	readonly way: CallMessages;
}

/** Sends messages to a server that sends them back, and ends with the client. */
async function echo(frames: MessageTransport, sent: readonly Buffer[], options?: ClientOptions): Promise<Echo> {
	let way: CallMessages | undefined;
	let written = 0;
	const client = await serve((call) => {
		const messages = frames.messagesOf(call);
		way = messages;
		messages.listen({
			message: (message) => {
				messages.write(frameOf([message]), () => written++);
				return undefined;
			},
			unreadable: (reason) => call.emit("error", reason as Error),
			ended: () => call.end(),
		});
	}, options);
	const { path, requestSerialize, responseDeserialize } = METHOD;
	const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
	const messages: Buffer[] = [];
	call.on("data", (message: Buffer) => messages.push(message));
	call.on("error", () => {});
	for (const message of sent) call.write(message);
	call.end();
	const code = await new Promise<number>((resolve) => call.on("status", (end) => resolve(end.code)));
	expect(written).toBe(messages.length);
	return { messages, code, way: way as CallMessages };
}

async function working(maxBytes = 1_000_000): Promise<MessageTransport> {
	const frames = new MessageTransport(settings(maxBytes));
	expect(await frames.check()).toBeUndefined();
	return frames;
}

describe("messages that go straight to and from HTTP/2 streams", () => {
	it("are all there with the grpc-js that is installed", async () => {
		const { way, messages, code } = await echo(await working(), MESSAGES);
		expect(way).toBeInstanceOf(DirectMessages);
		expect(messages).toEqual(MESSAGES);
		expect(code).toBe(status.OK);
	});

	it("take grpc-js's own way where that is not known to work", async () => {
		const { way, messages, code } = await echo(new MessageTransport(settings(1_000)), MESSAGES);
		expect(way).toBeInstanceOf(GrpcMessages);
		expect(messages).toEqual(MESSAGES);
		expect(code).toBe(status.OK);
	});

	it("take it where a call has its HTTP/2 stream elsewhere", async () => {
		const frames = await working();
		const [stream] = duplexPair();
		for (const call of [{}, { call: {} }, { call: { stream } }]) {
			expect(frames.messagesOf(call as unknown as Call)).toBeInstanceOf(GrpcMessages);
		}
	});

	it.each(["gzip", "deflate"] as const)("are unpacked where the client compresses them by %s", async (algorithm) => {
		const options = { "grpc.default_compression_algorithm": compressionAlgorithms[algorithm] };
		const { way, messages, code } = await echo(await working(), MESSAGES, options);
		expect(way).toBeInstanceOf(DirectMessages);
		expect(messages).toEqual(MESSAGES);
		expect(code).toBe(status.OK);
	});

	it("end the call where one is too large when it is unpacked", async () => {
		const options = { "grpc.default_compression_algorithm": compressionAlgorithms.gzip };
		const { messages, code } = await echo(
			await working(100_000),
			[Buffer.alloc(100_000), Buffer.alloc(100_001)],
			options,
		);
		expect(messages).toHaveLength(1);
		expect(code).toBe(status.RESOURCE_EXHAUSTED);
	});

	it("end the call where one is larger than it may be", async () => {
		const { messages, code } = await echo(await working(1_000), [Buffer.alloc(1_000), Buffer.alloc(1_001)]);
		expect(messages).toHaveLength(1);
		expect(code).toBe(status.RESOURCE_EXHAUSTED);
	});

	it.each([true, false])(
		"wait while the call is paused, and come one by one when it goes on, direct: %s",
		async (direct) => {
			const transport = direct ? await working() : new MessageTransport(settings(1_000));
			const taken: string[] = [];
			const client = await serve((call) => {
				const messages = transport.messagesOf(call);
				expect(messages).toBeInstanceOf(direct ? DirectMessages : GrpcMessages);
				const pause = () => {
					messages.pause();
					setTimeout(() => {
						taken.push("on");
						messages.resume();
					}, 20);
				};
				messages.listen({
					message: (message) => {
						taken.push(message.toString());
						pause();
						return undefined;
					},
					unreadable: () => {},
					ended: () => {
						taken.push("end");
						call.end();
					},
				});
				pause();
			});
			const { path, requestSerialize, responseDeserialize } = METHOD;
			const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
			call.on("error", () => {}).resume();
			for (const text of ["a", "b", "c"]) call.write(Buffer.from(text));
			call.end();
			await new Promise((resolve) => call.on("status", resolve));
			expect(taken.slice(0, 6)).toEqual(["on", "a", "on", "b", "on", "c"]);
			expect(taken.filter((each) => each !== "on")).toEqual(["a", "b", "c", "end"]);
		},
	);

	it("are told no more once that is closed, and let the others of the connection go on", async () => {
		const transport = await working();
		const taken: number[] = [];
		const client = await serve((call) => {
			const messages = transport.messagesOf(call);
			messages.listen({
				message: (message) => {
					taken.push(message.length);
					messages.pause();
					if (message.length > 1) messages.close();
					else messages.write(frameOf([message]), () => call.end());
					return undefined;
				},
				unreadable: () => {},
				ended: () => {},
			});
		});
		const { path, requestSerialize, responseDeserialize } = METHOD;
		const open = () => client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
		const loud = open();
		loud.on("error", () => {});
		// More than HTTP/2 lets a connection send before it is read.
		for (let i = 0; i < 100; i++) loud.write(Buffer.alloc(100_000));
		const other = open();
		other.on("error", () => {});
		other.write(Buffer.alloc(1));
		const answer = await new Promise((resolve) => other.on("data", resolve));
		expect(answer).toEqual(Buffer.alloc(1));
		expect(taken.sort()).toEqual([1, 100_000]);
		loud.cancel();
	});

	it("are not written any more once the client has gone", async () => {
		const frames = await working();
		const written: string[] = [];
		let gone: () => void = () => {};
		const ended = new Promise<void>((resolve) => {
			gone = resolve;
		});
		const client = await serve((call) => {
			const writer = frames.messagesOf(call);
			writer.write(frameOf([Buffer.from("first")]), () => written.push("first"));
			call.on("error", () => {});
			call.once("cancelled", () => {
				writer.write(frameOf([Buffer.from("second")]), () => written.push("second"));
				setImmediate(gone);
			});
		});
		const { path, requestSerialize, responseDeserialize } = METHOD;
		const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
		call.on("error", () => {});
		call.once("data", () => call.cancel());
		await ended;
		expect(written).toEqual(["first"]);
	});
});
