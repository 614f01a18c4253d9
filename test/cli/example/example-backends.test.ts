import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { freePorts } from "../../../lab/ports.js";
import { startExampleBackend } from "../../../src/cli/example/example-backend.js";

const asIs = (bytes: Buffer) => bytes;

async function callGrpc(port: number): Promise<Buffer | undefined> {
	const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
	try {
		return await new Promise((resolve, reject) => {
			const done = (error: Error | null, answer?: Buffer) => (error ? reject(error) : resolve(answer));
			client.makeUnaryRequest("/any.Service/Any", asIs, asIs, Buffer.from("x"), done);
		});
	} finally {
		client.close();
	}
}

describe("an example back end", () => {
	it("answers with its port by HTTP/1.1, HTTP/2 and gRPC, also several times on one connection", async () => {
		const [port = 0] = await freePorts(1);
		await using _ = await startExampleBackend(port);
		for (let i = 0; i < 3; i++) {
			const response = await fetch(`http://127.0.0.1:${port}/any?path`, { method: "POST", body: "x" });
			expect([response.status, await response.text()]).toEqual([200, `${port}\n`]);
		}
		const session = connectHttp2(`http://127.0.0.1:${port}`);
		for (let i = 0; i < 2; i++) {
			const stream = session.request({ ":path": "/" }).setEncoding("utf8");
			let body = "";
			stream.on("data", (text) => {
				body += text;
			});
			await once(stream, "end");
			expect(body).toBe(`${port}\n`);
		}
		session.destroy();
		const text = Buffer.from(String(port));
		expect(await callGrpc(port)).toEqual(Buffer.concat([Buffer.from([0x0a, text.length]), text]));
	});

	it("is not disturbed by peers that break off, and ends with connections open", async () => {
		const [port = 0] = await freePorts(1);
		const backend = await startExampleBackend(port);
		for (const bytes of ["", "GET / HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish that is no frame", "\0\0\0"]) {
			const socket = connect(port, "127.0.0.1");
			socket.on("error", () => {});
			await once(socket, "connect");
			socket.write(bytes);
			socket.resetAndDestroy();
		}
		expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(`${port}\n`);
		const idle = connect(port, "127.0.0.1");
		idle.on("error", () => {});
		await once(idle, "connect");
		const closed = once(idle, "close");
		await backend[Symbol.asyncDispose]();
		await closed;
	});

	it("says that a port is in use", async () => {
		const [port = 0] = await freePorts(1);
		await using _ = await startExampleBackend(port);
		await expect(startExampleBackend(port)).rejects.toThrow("EADDRINUSE");
	});
});
