import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frame, RawConnection } from "../lab/raw-call.js";
import { waitUntil } from "../lab/wait-until.js";
import type { StreamRequest } from "./grpc-stream.js";
import { ADS, HostileLab, url } from "./hostile-lab.js";

const many = (count: number, prefix = "nobody-") => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe.each(["sotw", "delta"] as const)("a client that floods, %s,", { timeout: 15_000 }, (mode) => {
	let lab: HostileLab;
	beforeEach(async () => {
		lab = await HostileLab.start(mode);
	});
	afterEach(() => lab?.[Symbol.asyncDispose]());

	/** Runs the flood, and sees meanwhile that the well-behaved client gets its changes. @returns the longest it took, in ms. */
	async function during(flood: () => void, rounds = 20): Promise<number> {
		let longest = 0;
		for (let round = 0; round < rounds; round++) {
			flood();
			longest = Math.max(longest, await lab.changeArrives());
		}
		return longest;
	}

	it("with small requests is slowed down, told of once, and holds nobody up", async () => {
		const call = lab.connection().open(ADS[mode]).read();
		call.send(lab.request("eds", ["a"], { node: { id: "flood" } }));
		const one = frame(lab.request("eds", ["a"], { responseNonce: "0" }));
		const flood = Buffer.concat(Array.from({ length: 2_000 }, () => one));
		expect(await during(() => call.sendBytes(flood))).toBeLessThan(1_000);
		await lab.seen("limited flood requestsPerSecond");
		expect(lab.events.filter((event) => event.startsWith("limited"))).toHaveLength(1);
		// HTTP/2's flow control leaves the rest with the client.
		expect(call.stream.writableLength).toBeGreaterThan(flood.length);
		call.cancel();
		await lab.onlyGoodIsLeft();
	});

	it("with requests that cost much holds nobody up", async () => {
		const call = lab.connection().open(ADS[mode]).read();
		call.send(lab.request("eds", ["a"], { node: { id: "flood" } }));
		const [odd, even] = [many(1_000, "odd-"), many(1_000, "even-")];
		const lists = [odd, even].map((names, i) =>
			frame(
				mode === "sotw"
					? lab.request("eds", names)
					: lab.request("eds", names, { resourceNamesUnsubscribe: i === 0 ? even : odd }),
			),
		);
		expect(await during(() => call.sendBytes(Buffer.concat(lists)))).toBeLessThan(1_000);
		call.cancel();
		await lab.onlyGoodIsLeft();
	});

	it("and is slowed down gets all its answers in the end", async () => {
		await lab[Symbol.asyncDispose]();
		lab = await HostileLab.start(mode, { requestsPerSecond: 200 });
		const stream = lab.stream();
		const start = performance.now();
		// One request more than a second's worth a time, each with another name.
		const names = many(300);
		for (const [i, name] of names.entries())
			stream.send(
				url("cds"),
				mode === "sotw" ? names.slice(0, i + 1) : [name],
				i === 0 ? { node: { id: "eager" } } : {},
			);
		stream.send(url("eds"), ["a"]);
		await waitUntil("the last request is answered", () => stream.responses.some(({ names: got }) => got.includes("a")));
		expect(performance.now() - start).toBeGreaterThan(300);
		await lab.seen("limited eager requestsPerSecond");
	});

	it("with streams that it opens and cancels leaves nothing behind", async () => {
		for (let connection = 0; connection < 5; connection++) {
			using raw = new RawConnection(lab.port);
			const open = () => {
				if (raw.session.destroyed || raw.session.closed) return;
				for (let i = 0; i < 100; i++) {
					const call = raw.open(ADS[mode]);
					call.send(lab.request("eds", ["a", "nobody"], { node: { id: "reset" } }));
					call.cancel();
				}
			};
			expect(await during(open, 5)).toBeLessThan(1_000);
		}
		await lab.onlyGoodIsLeft();
		// Those that had not said who they are are not told of.
		expect(lab.events.filter((event) => event.startsWith("disconnected  "))).toEqual([]);
	});

	it("with streams that it opens and leaves gets no more than the limits", async () => {
		await lab[Symbol.asyncDispose]();
		lab = await HostileLab.start(mode, { streams: 50, streamsPerConnection: 30 });
		const [first, second] = [lab.connection(), lab.connection()];
		const calls = [first, second].flatMap((connection) =>
			Array.from({ length: 40 }, () =>
				connection
					.open(ADS[mode])
					.read()
					.send(lab.request("eds", ["a"], { node: { id: "crowd" } })),
			),
		);
		// Of each connection ten wait at the client; of the 60 others there is no room for eleven.
		await waitUntil("all are served that can be", () => lab.server.clients().length === 50);
		await lab.seen("limited  streams");
		const refused = calls.filter((call) => call.stream.closed || call.received === 0);
		expect(refused.length).toBeGreaterThanOrEqual(11);
		expect(await lab.changeArrives()).toBeLessThan(1_000);
		for (const connection of [first, second]) connection[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
		// There is room again.
		const late = lab.stream();
		late.send(url("eds"), ["a"]);
		expect(await late.received(1)).toMatchObject([{ names: ["a"] }]);
	});

	it("with 10,000 names that do not exist is told so, and gets them when they come", async () => {
		const stream = lab.stream();
		const names = many(10_000);
		for (const type of ["cds", "eds", "lds", "rds"] as const) stream.send(url(type), names, { node: { id: "n" } });
		const answers = () =>
			stream.responses.filter(({ typeUrl }) => typeUrl === url("eds")).flatMap((each) => each.names);
		await waitUntil("all are answered", () => answers().length === names.length);
		expect(await lab.changeArrives()).toBeLessThan(1_000);
		expect(lab.subscriptions()).toBe(40_001);
		lab.change("nobody-9999");
		await waitUntil("it comes", () =>
			stream.responses.some(({ typeUrl, names: got }) => typeUrl === url("rds") && got.includes("nobody-9999")),
		);
		lab.remove("nobody-9999");
		stream[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
	});

	it("with names of more than the limits is refused", async () => {
		await lab[Symbol.asyncDispose]();
		lab = await HostileLab.start(mode, { names: 100, nameLength: 50 });
		const within = lab.stream();
		within.send(url("eds"), [...many(99), "x".repeat(50)], { node: { id: "within" } });
		await within.received(1);
		const more = lab.stream();
		more.send(url("eds"), many(101), { node: { id: "more" } });
		expect(await more.status).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: /xds\.limits\.names/ });
		const longer = lab.stream();
		longer.send(url("eds"), ["a", "é".repeat(26)], { node: { id: "longer" } });
		expect(await longer.status).toMatchObject({ code: status.INVALID_ARGUMENT, details: /of 52 bytes/ });
		if (mode === "delta") {
			// What is given up makes room, and what is asked for again needs none.
			within.send(url("eds"), ["new", "nobody-1"], { resourceNamesUnsubscribe: ["nobody-0", "never had"] });
			await waitUntil("it is answered", () => within.responses.some(({ names }) => names.includes("-new")));
			within.send(url("eds"), ["one too many"]);
			expect(await within.status).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
		}
		within[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
		expect(lab.events.filter((event) => event.startsWith("limited")).map((event) => event.split(" ").at(-1))).toEqual(
			mode === "delta" ? ["names", "nameLength", "names"] : ["names", "nameLength"],
		);
	});

	it("with 64 MiB of empty names is refused before they are read", async () => {
		const call = lab.connection().open(ADS[mode]);
		const start = performance.now();
		call.send(Buffer.alloc(60 * 1024 * 1024, Buffer.from([0x1a, 0x00])));
		expect(await call.status()).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
		expect(performance.now() - start).toBeLessThan(5_000);
		await lab.onlyGoodIsLeft();
	});

	it("with rejections of everything gets no more than each change and its search", async () => {
		const stream = lab.stream();
		stream.send(url("eds"), ["a"], { node: { id: "no" } });
		stream.send(url("cds"), ["a"]);
		let answered = 0;
		const answer = (more: StreamRequest) => {
			for (const { nonce, typeUrl } of stream.responses.slice(answered)) {
				answered++;
				stream.send(typeUrl, mode === "delta" ? [] : ["a"], { responseNonce: nonce, ...more });
			}
		};
		const NO = { errorDetail: { code: 13, message: "no" } };
		const state = () => lab.server.clients().find(({ node }) => node === "no")?.types.cds;
		const clusters = () => stream.responses.filter(({ typeUrl, names }) => typeUrl === url("cds") && names.length > 0);
		for (let round = 1; round <= 30; round++) {
			await waitUntil(`round ${round} is rejected`, () => {
				answer(NO);
				return clusters().length >= round && state()?.nacked;
			});
			lab.change("a", [], { connectTimeout: 2_000 + round });
		}
		expect(await lab.changeArrives()).toBeLessThan(1_000);
		answer(NO);
		expect(stream.responses.length).toBeLessThan(3 * 30);
		lab.change("a", [], { connectTimeout: 9_000 });
		await waitUntil("the last is accepted", () => {
			answer({});
			return state()?.acked && state()?.nacked === null;
		});
		stream[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
	});

	it("of one that never answers only the newest responses are remembered, and it gets every change", async () => {
		const stream = lab.stream();
		stream.send(url("cds"), ["a"], { node: { id: "mute" } });
		for (let round = 1; round <= 200; round++) {
			await stream.received(round);
			lab.change("a", [], { connectTimeout: 1_000 + round });
		}
		await stream.received(201);
		expect(lab.server.clients().find(({ node }) => node === "mute")?.types.cds).toMatchObject({
			acked: null,
			synced: false,
		});
		stream[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
	});

	it("that ends its side and reads on gets what is due, and the end", async () => {
		const call = lab.connection().open(ADS[mode]).read();
		call.send(lab.request("eds", ["a"], { node: { id: "half" } }));
		call.stream.end();
		expect(await call.status()).toMatchObject({ code: status.OK });
		expect(call.received).toBeGreaterThan(20);
		const silent = lab.connection().open(ADS[mode]).read();
		silent.stream.end();
		expect(await silent.status()).toMatchObject({ code: status.OK });
		await lab.onlyGoodIsLeft();
	});

	it("that goes away without having read leaves nothing behind", async () => {
		lab.change(
			"a",
			Array.from({ length: 2_000 }, (_, i) => endpointOf(i)),
		);
		const [cancelled, gone] = [lab.connection(), lab.connection()];
		const calls = [cancelled, gone].map((connection) =>
			connection.open(ADS[mode]).send(lab.request("eds", ["a"], { node: { id: "unread" } })),
		);
		await waitUntil("both are known", () => lab.server.clients().length === 3);
		lab.change("a");
		calls[0]?.cancel();
		gone[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
	});

	it("that tears its connection down in the middle of a request leaves nothing behind", async () => {
		const socket = connect(lab.port, "127.0.0.1");
		const call = lab.connection().open(ADS[mode]);
		call.send(lab.request("eds", ["a"], { node: { id: "torn" } }));
		call.sendBytes(frame(lab.request("eds", many(1_000)), 0, 1_000_000));
		await waitUntil("it is known", () => lab.server.clients().length === 2);
		call.stream.session?.socket.destroy();
		socket.destroy();
		await lab.onlyGoodIsLeft();
	});
});

function endpointOf(i: number) {
	return {
		address: `10.0.${i >> 8}.${i & 255}`,
		port: 80,
		health: "healthy" as const,
		weight: 100,
		priority: 0,
		locality: { region: "", zone: "", subZone: "" },
	};
}
