import { duplexPair } from "node:stream";
import { Client, credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { bytesMethod, type Call } from "../../src/server/bytes-method.js";
import { FrameSharing } from "../../src/server/frame-sharing.js";
import { CopyingWriter, type FrameWriter, SharingWriter } from "../../src/server/frame-writer.js";
import { frameOf } from "../../src/server/message-frame.js";

const METHOD = bytesMethod("/test.Frames/Frames");
const MESSAGES = [Buffer.from("small"), Buffer.alloc(300_000, "large"), Buffer.alloc(0)];
const cleanUp: (() => void)[] = [];

afterEach(() => {
	for (const undo of cleanUp.splice(0)) undo();
});

async function serve(open: (call: Call) => void): Promise<Client> {
	const server = new Server();
	server.addService({ frames: METHOD }, { frames: open });
	const port = await new Promise<number>((resolve, reject) =>
		server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
			error ? reject(error) : resolve(bound),
		),
	);
	const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
	cleanUp.push(
		() => client.close(),
		() => server.forceShutdown(),
	);
	return client;
}

function receive(client: Client): Promise<{ messages: Buffer[]; code: number }> {
	const { path, requestSerialize, responseDeserialize } = METHOD;
	const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
	const messages: Buffer[] = [];
	call.on("data", (message: Buffer) => messages.push(message));
	call.on("error", () => {});
	call.end();
	return new Promise((resolve) => call.on("status", ({ code }) => resolve({ messages, code })));
}

async function answersWith(sharing: FrameSharing): Promise<{ messages: Buffer[]; code: number; writer: FrameWriter }> {
	let writer: FrameWriter | undefined;
	const client = await serve((call) => {
		writer = sharing.writerFor(call);
		const left = MESSAGES.map((message) => frameOf([message]));
		const next = () => {
			const frame = left.shift();
			if (frame) writer?.write(frame, next);
			else call.end();
		};
		next();
	});
	return { ...(await receive(client)), writer: writer as FrameWriter };
}

describe("sharing frames", () => {
	it("works with the grpc-js that is installed", async () => {
		const sharing = new FrameSharing();
		expect(await sharing.check()).toBeUndefined();
		const { writer, messages, code } = await answersWith(sharing);
		expect(writer).toBeInstanceOf(SharingWriter);
		expect(messages).toEqual(MESSAGES);
		expect(code).toBe(status.OK);
	});

	it("sends the same by grpc-js's own means where it is not known to work", async () => {
		const { writer, messages, code } = await answersWith(new FrameSharing());
		expect(writer).toBeInstanceOf(CopyingWriter);
		expect(messages).toEqual(MESSAGES);
		expect(code).toBe(status.OK);
	});

	it("does without where a call has its HTTP/2 stream elsewhere", async () => {
		const sharing = new FrameSharing();
		await sharing.check();
		const [stream] = duplexPair();
		for (const call of [{}, { call: {} }, { call: { stream } }]) {
			expect(sharing.writerFor(call as unknown as Call)).toBeInstanceOf(CopyingWriter);
		}
	});

	it("writes nothing more once the client has gone", async () => {
		const sharing = new FrameSharing();
		await sharing.check();
		const written: string[] = [];
		let gone: () => void = () => {};
		const ended = new Promise<void>((resolve) => {
			gone = resolve;
		});
		const client = await serve((call) => {
			const writer = sharing.writerFor(call);
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
