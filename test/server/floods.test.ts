import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frame, RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { StreamRequest } from "./grpc-stream.js";
import { ADS, HostileLab, stopTheClock, url } from "./hostile-lab.js";

const many = (count: number, prefix = "nobody-") => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe.each(["sotw", "delta"] as const)("a client that floods, %s,", (mode) => {
	let lab: HostileLab;
	beforeEach(async () => {
		lab = await HostileLab.start(mode);
	});
	afterEach(() => lab?.[Symbol.asyncDispose]());

	/** Runs the flood, and sees meanwhile that the well-behaved client gets its changes. @returns as changeArrives, the most. */
	async function during(flood: () => void, rounds = 20): Promise<number> {
		let longest = 0;
		for (let round = 0; round < rounds; round++) {
			flood();
			longest = Math.max(longest, await lab.changeArrives());
		}
		return longest;
	}

	it("with small requests is slowed down, told of once, and holds nobody up", async () => {
		stopTheClock();
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

	it("with streams that it opens and cancels for long loses its connection", async () => {
		stopTheClock();
		using raw = new RawConnection(lab.port);
		let opened = 0;
		const open = () => {
			for (let i = 0; i < 200 && !raw.session.destroyed && !raw.session.closed; i++) {
				raw.open(ADS[mode]).cancel();
				opened++;
			}
		};
		await during(open, 30);
		expect(raw.session.closed || raw.session.destroyed).toBe(true);
		expect(opened).toBeLessThan(6_000);
		await lab.onlyGoodIsLeft();
	});

	it("with 10,000 names that do not exist is told so, and gets them when they come", async () => {
		const stream = lab.stream();
		const names = many(10_000);
		for (const type of ["cds", "eds", "lds", "rds"] as const) stream.send(url(type), names, { node: { id: "n" } });
		const answers = () =>
			stream.responses.filter(({ typeUrl }) => typeUrl === url("eds")).flatMap((each) => each.names);
		await waitUntil("all are answered", () => answers().length === names.length);
		await waitUntil("all are subscribed to", () => lab.subscriptions() === 40_001);
		expect(await lab.changeArrives()).toBeLessThan(1_000);
		lab.change("nobody-9999");
		await waitUntil("it comes", () =>
			stream.responses.some(({ typeUrl, names: got }) => typeUrl === url("rds") && got.includes("nobody-9999")),
		);
		lab.remove("nobody-9999");
		stream[Symbol.dispose]();
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
