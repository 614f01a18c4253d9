import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { HostileLab } from "./hostile-lab.js";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

describe("on the xDS port", () => {
	let lab: HostileLab;
	const sockets: Socket[] = [];
	beforeEach(async () => {
		lab = await HostileLab.start("delta");
	});
	afterEach(async () => {
		for (const socket of sockets.splice(0)) socket.destroy();
		await lab?.[Symbol.asyncDispose]();
	});

	async function open(): Promise<Socket> {
		const socket = connect(lab.port, "127.0.0.1").on("error", () => {});
		sockets.push(socket);
		await once(socket, "connect");
		return socket.resume();
	}

	it.each([
		["HTTP/1", Buffer.from("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")],
		["HTTP/1 that asks for HTTP/2", Buffer.from("GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")],
		["random bytes", randomBytes(100_000)],
		["nothing but zeros", Buffer.alloc(100_000)],
		["a preface, and then random bytes", Buffer.concat([Buffer.from(PREFACE), randomBytes(100_000)])],
		["a preface, and a frame of another length than it says", Buffer.from(`${PREFACE}\u0000\u0000\u0005\u0004`)],
	])("a connection is ended that speaks %s", async (what, bytes) => {
		const socket = await open();
		socket.write(bytes);
		if (what.includes("another length")) socket.end();
		await waitUntil("it is closed", () => socket.closed);
		await lab.onlyGoodIsLeft();
		expect(lab.events).toEqual([]);
	});

	it("a TLS client is told that there is none", async () => {
		const socket = connectTls({ port: lab.port, host: "127.0.0.1", rejectUnauthorized: false });
		const failed = await new Promise((resolve) => socket.once("error", resolve));
		expect(failed).toBeInstanceOf(Error);
		await lab.onlyGoodIsLeft();
	});

	it("what is no gRPC is refused within HTTP/2", async () => {
		const session = connectHttp2(`http://127.0.0.1:${lab.port}`).on("error", () => {});
		const statusOf = async (headers: Readonly<Record<string, string>>) => {
			const [answer] = (await once(session.request(headers).resume().end(), "response")) as [Record<string, unknown>];
			return [answer[":status"], answer["grpc-status"]];
		};
		expect(await statusOf({ ":method": "GET", ":path": "/" })).toEqual([415, undefined]);
		const grpc = { ":method": "POST", "content-type": "application/grpc" };
		expect(await statusOf({ ...grpc, ":path": "/no.such.Service/Method" })).toEqual([200, "12"]);
		session.destroy();
		await lab.onlyGoodIsLeft();
	});

	it("hundreds of connections that say nothing, or little, hold nobody up and leave nothing behind", async () => {
		const before = process.getActiveResourcesInfo().length;
		const idle = await Promise.all(Array.from({ length: 400 }, open));
		for (const [i, socket] of idle.entries()) if (i % 2) socket.write(PREFACE.slice(0, 1 + (i % PREFACE.length)));
		expect(await lab.changeArrives()).toBeLessThan(1_000);
		for (const socket of idle) socket.destroy();
		await waitUntil("the process has what it had before", () => process.getActiveResourcesInfo().length <= before + 2);
		await lab.onlyGoodIsLeft();
	});

	it("a flood of connections that come and go leaves nothing behind", async () => {
		for (let i = 0; i < 500; i++) {
			const socket = await open();
			if (i % 3 === 0) socket.resetAndDestroy();
			else if (i % 3 === 1) socket.end(PREFACE);
			else socket.destroy();
		}
		await lab.onlyGoodIsLeft();
	});
});
