import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frame } from "../../lab/raw-call.js";
import { ADS, HostileLab, url } from "./hostile-lab.js";

const MIB = 1024 * 1024;
const SINGLE = {
	sotw: "endpoint.v3.EndpointDiscoveryService/StreamEndpoints",
	delta: "endpoint.v3.EndpointDiscoveryService/DeltaEndpoints",
};

describe.each(["sotw", "delta"] as const)("of a broken client, %s,", (mode) => {
	let lab: HostileLab;
	beforeEach(async () => {
		lab = await HostileLab.start(mode);
	});
	afterEach(() => lab?.[Symbol.asyncDispose]());

	const open = (headers?: Readonly<Record<string, string>>, method = ADS[mode]) =>
		lab.connection().open(method, headers).read();

	it.each([
		["no protobuf", Buffer.from([0xff, 0xff, 0xff, 0xff])],
		["a field that is longer than the message", Buffer.from([0x1a, 0x7f, 0x61])],
		["a length of 2^32 - 1", Buffer.from([0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
		["groups without an end", Buffer.alloc(10_000, 0x0b)],
		["a node that is no node", Buffer.from([mode === "sotw" ? 0x12 : 0x0a, 2, 0xff, 0xff])],
	])("garbage ends its stream as INVALID_ARGUMENT: %s", async (_, bytes) => {
		const call = open().send(bytes);
		expect(await call.status()).toMatchObject({ code: status.INVALID_ARGUMENT });
		await lab.seen(/^disconnected {2}the request cannot be read/);
		await lab.onlyGoodIsLeft();
	});

	it("a message that ends in its middle is no message", async () => {
		const call = open().sendBytes(frame(lab.request("eds", ["a"]), 0, 10_000));
		expect(await lab.changeArrives()).toBeLessThan(1_000);
		call.stream.end();
		expect(await call.status()).toMatchObject({ code: status.OK });
		expect(call.received).toBe(0);
		await lab.onlyGoodIsLeft();
	});

	it("a compressed request is read, and one that only says that it is compressed ends the stream", async () => {
		const good = open({ "grpc-encoding": "gzip" }).send(gzipSync(lab.request("eds", ["a"])), 1);
		await expect.poll(() => good.received).toBeGreaterThan(0);
		good.cancel();
		const broken = open({ "grpc-encoding": "gzip" }).send(lab.request("eds", ["a"]), 1);
		expect(await broken.status()).toMatchObject({ code: status.INTERNAL });
		const cut = open({ "grpc-encoding": "gzip" }).send(gzipSync(lab.request("eds", ["a"])).subarray(0, 20), 1);
		expect(await cut.status()).toMatchObject({ code: status.INTERNAL });
		const unknown = open({ "grpc-encoding": "br" }).send(lab.request("eds", ["a"]), 1);
		expect(await unknown.status()).toMatchObject({ code: status.UNIMPLEMENTED });
		await lab.onlyGoodIsLeft();
	});

	it("a small message that becomes a huge one is refused", async () => {
		const call = open({ "grpc-encoding": "gzip" }).send(gzipSync(Buffer.alloc(65 * MIB)), 1);
		expect(await call.status()).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
		await lab.onlyGoodIsLeft();
	});

	it("a message above 64 MiB is refused before it has come", async () => {
		const call = open().sendBytes(frame(lab.request("eds", ["a"]), 0, 64 * MIB + 1));
		expect(await call.status()).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
		await lab.onlyGoodIsLeft();
	});

	it("a type of 10 MB is refused in few words, on any stream", async () => {
		for (const method of [ADS[mode], SINGLE[mode]]) {
			const call = open({}, method).send(lab.request("", ["a"], { typeUrl: "x".repeat(10_000_000) }));
			const { code, details } = await call.status();
			expect(code).toBe(status.INVALID_ARGUMENT);
			expect(details).toMatch(/^a type_url of 10000000 bytes/);
		}
		await lab.onlyGoodIsLeft();
	});

	it("a wrong type on a stream of one type is told without what a terminal would obey", async () => {
		const call = open({}, SINGLE[mode]).send(lab.request("", [], { typeUrl: "\u001b[31m\u009b31m\u202etxt\ud800" }));
		const { code, details } = await call.status();
		expect(code).toBe(status.INVALID_ARGUMENT);
		expect(details).toContain('type_url "\\u001b[31m\\u009b31m\\u202etxt');
		await lab.onlyGoodIsLeft();
	});

	it("types that nobody knows are ignored, a hundred of them told of", async () => {
		const stream = lab.stream();
		stream.send("first/\u001b[2J", ["x"], { node: { id: "n" } });
		for (let i = 0; i < 500; i++) stream.send(`unheard/${i}`, ["x"]);
		stream.send(url("eds"), ["a"]);
		expect(await stream.received(1)).toMatchObject([{ typeUrl: url("eds"), names: ["a"] }]);
		expect(lab.events.filter((event) => event.startsWith("unknown"))).toHaveLength(100);
		expect(lab.events).toContain("unknown n first/\\u001b[2J");
	});

	it("the node's texts are shown clean and short, and what it says at length is not kept", async () => {
		const stream = lab.stream();
		const id = `\u001b]0;evil\u0007\u009b2J\r\n${"x".repeat(MIB)}`;
		const metadata = { ["__proto__"]: { polluted: true }, constructor: "c" };
		stream.send(url("eds"), ["a"], { node: { id, userAgentName: "\u0000agent", cluster: "c".repeat(MIB), metadata } });
		await stream.received(1);
		const client = lab.server.clients().find(({ node }) => node !== "good");
		expect(client?.node).toMatch(/^\\u001b\]0;evil\\u0007\\u009b2J\\u000d\\u000ax+…$/);
		expect(client?.node.length).toBeLessThan(300);
		expect(client?.userAgent).toBe("\\u0000agent");
		expect({}).not.toHaveProperty("polluted");
	});

	it("bytes that are not UTF-8 are a name like any other that no service has", async () => {
		const stream = lab.stream();
		const name = Buffer.from([mode === "sotw" ? 0x1a : 0x1a, 4, 0x61, 0xff, 0xfe, 0x80]);
		stream.sendBytes(Buffer.concat([lab.request("eds", ["a"], { node: { id: "n" } }), name]));
		const [response] = await stream.received(1);
		expect(response?.names).toContain("a");
		expect(lab.server.clients().find(({ node }) => node === "n")?.types.eds?.names).toEqual([
			"a",
			"a\ufffd\ufffd\ufffd",
		]);
		stream[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
	});

	it("names that mean something elsewhere are names: __proto__, constructor, controls, the empty one", async () => {
		const odd = ["__proto__", "constructor", "toString", "", "a\u0000b", "\u001b[31m", "a\nb", "\u202e"];
		const stream = lab.stream();
		for (const type of ["cds", "eds", "lds", "rds"] as const)
			stream.send(url(type), ["*", ...odd, "a", "a"], { node: { id: "n" } });
		await expect.poll(() => stream.responses.filter(({ names }) => names.includes("a")).length).toBe(4);
		const { types } = lab.server.clients().find(({ node }) => node === "n") ?? {};
		for (const type of ["cds", "eds", "lds", "rds"])
			expect(types?.[type]?.names.toSorted()).toEqual([...odd, "a"].sort());
		for (const { names } of stream.responses) expect(new Set(names).size).toBe(names.length);
		lab.change("__proto__");
		lab.change("constructor");
		await expect
			.poll(() => new Set(stream.responses.flatMap(({ names }) => names)))
			.toEqual(expect.objectContaining(new Set(["__proto__", "constructor"])));
		lab.remove("__proto__");
		lab.remove("constructor");
		stream[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
	});

	it("the text of a NACK is kept clean and at a length that can be read", async () => {
		const stream = lab.stream();
		stream.send(url("eds"), ["a"], { node: { id: "n" } });
		const [first] = await stream.received(1);
		const message = `\u001b[31mred\nand\ton\u009b${"y".repeat(10 * MIB)}`;
		stream.send(url("eds"), mode === "sotw" ? ["a"] : [], {
			responseNonce: first?.nonce ?? "",
			errorDetail: { code: 13, message },
		});
		const told = await lab.seen(/^nacked/);
		expect(told).toMatch(/^nacked n eds true \\u001b\[31mred\nand\ton\\u009by+…$/);
		expect(told.length).toBeLessThan(20_000);
	});

	it("nonces that were never sent, or were another stream's, answer nothing", async () => {
		const stream = lab.stream();
		stream.send(url("eds"), ["a"], { node: { id: "n" } });
		const [first] = await stream.received(1);
		const names = mode === "sotw" ? ["a"] : [];
		for (const responseNonce of ["0", "-1", "x", "999999999999", "__proto__", `${first?.nonce} `])
			stream.send(url("eds"), names, { responseNonce, errorDetail: { code: 13, message: "forged" } });
		stream.send(url("eds"), names, { responseNonce: first?.nonce ?? "" });
		for (let i = 0; i < 3; i++)
			stream.send(url("eds"), names, {
				responseNonce: first?.nonce ?? "",
				errorDetail: { code: 13, message: "answered before" },
			});
		stream.send(url("rds"), ["a"]);
		await stream.received(2);
		expect(lab.events.filter((event) => event.startsWith("nacked"))).toEqual([]);
		expect(stream.responses.map(({ typeUrl }) => typeUrl)).toEqual([url("eds"), url("rds")]);
		expect(lab.server.clients().find(({ node }) => node === "n")?.types.eds).toMatchObject({
			nacked: null,
			synced: true,
		});
	});
});
