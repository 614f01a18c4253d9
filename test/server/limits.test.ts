import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { cpuTime } from "../../lab/cpu-time.js";
import { http2Frame, PREFACE } from "../../lab/http2-frames.js";
import { frame } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { heldClock } from "../providers/held-clock.js";
import { ADS, HostileLab, stopTheClock, url } from "./hostile-lab.js";

const many = (count: number) => Array.from({ length: count }, (_, i) => `nobody-${i}`);

describe.each(["sotw", "delta"] as const)("a client that reaches a limit, %s,", (mode) => {
	it("of requests is slowed down, and gets all its answers in the end", async () => {
		await using lab = await HostileLab.start(mode, { requestsPerSecond: 200 });
		using clock = heldClock();
		const stream = lab.stream();
		// More than a second's worth at once, each with another name.
		const names = many(300);
		for (const [i, name] of names.entries())
			stream.send(
				url("cds"),
				mode === "sotw" ? names.slice(0, i + 1) : [name],
				i === 0 ? { node: { id: "eager" } } : {},
			);
		stream.send(url("eds"), ["a"]);
		await clock.until("it is slowed down", () => lab.events.includes("limited eager requestsPerSecond"));
		const isAnswered = () => stream.responses.some(({ names: got }) => got.includes("a"));
		await clock.advance(400);
		expect(isAnswered()).toBe(false);
		// The 101 that are more than a second's worth take half a second.
		await clock.advance(400);
		await clock.until("the last request is answered", isAnswered);
	});

	it("of requests may ACK every response: there are no more ACKs than what it is sent", async () => {
		await using lab = await HostileLab.start(mode, { requestsPerSecond: 2 });
		const stream = lab.stream();
		const isAcked = () => lab.server.clients().find(({ node }) => node === "quick")?.types.cds?.synced;
		stream.send(url("cds"), ["a"], { node: { id: "quick" } });
		for (let i = 1; i <= 20; i++) {
			const { nonce = "" } = (await stream.received(i)).at(-1) ?? {};
			stream.send(url("cds"), mode === "sotw" ? ["a"] : [], { responseNonce: nonce });
			await waitUntil("it is read", isAcked, { interval: 1 });
			lab.change("a", [], { connectTimeout: 1_000 + i });
		}
		expect(lab.events).not.toContain("limited quick requestsPerSecond");
	});

	it("of streams gets no more of them", async () => {
		await using lab = await HostileLab.start(mode, { streams: 50, streamsPerConnection: 30 });
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

	it("of names, or of their length, is refused", async () => {
		await using lab = await HostileLab.start(mode, { names: 100, nameLength: 50 });
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

	it("with a message of empty names is refused before they are read", async () => {
		await using lab = await HostileLab.start(mode);
		const call = lab.connection().open(ADS[mode]).read();
		const start = cpuTime();
		call.send(Buffer.alloc(15 * 1024 * 1024, Buffer.from([0x1a, 0x00])));
		expect(await call.status()).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
		expect(cpuTime() - start).toBeLessThan(5_000);
		await lab.onlyGoodIsLeft();
	});

	it("of the time for its first request, or for the rest of one, is ended", async () => {
		await using lab = await HostileLab.start(mode, {}, { firstRequest: 50, message: 100 });
		const silent = lab.connection().open(ADS[mode]);
		expect(await silent.status()).toMatchObject({ code: status.DEADLINE_EXCEEDED, details: /no request came within/ });
		const half = lab.connection().open(ADS[mode]);
		half.sendBytes(frame(lab.request("eds", ["a"]), 0, 1_000));
		expect(await half.status()).toMatchObject({ code: status.DEADLINE_EXCEEDED, details: /rest of a message/ });
		await lab.seen("limited  firstRequest");
		await lab.seen("limited  messageTime");
		await lab.onlyGoodIsLeft();
	});

	it("of the names of all is refused, and has room again when others have left", async () => {
		await using lab = await HostileLab.start(mode, { names: 100, allNames: 101 });
		const first = lab.stream();
		first.send(url("eds"), many(90), { node: { id: "first" } });
		await first.received(1);
		const same = lab.stream();
		same.send(url("eds"), many(90).reverse(), { node: { id: "same" } });
		await same.received(1);
		const other = lab.stream();
		other.send(url("eds"), ["one", "two", ...many(20).map((name) => `${name}-x`)], { node: { id: "other" } });
		expect(await other.status).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: /xds\.limits\.allNames/ });
		for (const stream of [first, same]) stream[Symbol.dispose]();
		await lab.onlyGoodIsLeft();
		const late = lab.stream();
		late.send(
			url("eds"),
			many(90).map((name) => `${name}-y`),
			{ node: { id: "late" } },
		);
		await late.received(1);
	});

	it("of connections is closed at once", async () => {
		await using lab = await HostileLab.start(mode, { connections: 2 });
		lab.stream().send(url("eds"), ["a"]);
		await waitUntil("it is there", () => lab.server.clients().length === 2);
		const refused = lab.connection();
		await waitUntil("it is closed", () => refused.session.destroyed);
		await lab.seen("limited  connections");
	});
});

it("streams of every service count as streams", async () => {
	await using lab = await HostileLab.start("sotw", { streams: 5 });
	const connection = lab.connection();
	const methods = [ADS.delta, "status.v3.ClientStatusDiscoveryService/StreamClientStatus"];
	for (let i = 0; i < 4; i++) connection.open(methods[i % 2] as string);
	const refused = connection.open("status.v3.ClientStatusDiscoveryService/FetchClientStatus");
	expect(await refused.status()).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: /xds\.limits\.streams/ });
});

it.each([
	["SETTINGS", http2Frame(4, Buffer.alloc(0)), 100],
	["WINDOW_UPDATE", http2Frame(8, Buffer.from([0, 0, 0, 1])), 100_000],
])(
	"a connection that sends %s for nothing is ended, and its address gets no other for a while",
	async (_, frames, count) => {
		stopTheClock();
		await using lab = await HostileLab.start("sotw");
		const bad = connect(lab.port, "127.0.0.1").on("error", () => {});
		bad.resume();
		bad.write(PREFACE);
		bad.write(Buffer.alloc(count * frames.length, frames));
		await waitUntil("it is ended", () => bad.destroyed || bad.readableEnded);
		await lab.seen("limited  frames");
		const next = lab.connection();
		await waitUntil("it is refused", () => next.session.destroyed);
		expect(await lab.changeArrives()).toBeLessThan(1_000);
	},
);
