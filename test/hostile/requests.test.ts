import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { LoopProbe } from "../../lab/loop-probe.js";
import { freePorts } from "../../lab/ports.js";
import { RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { ClientStatusRequest } from "../../src/gen/envoy/service/status/v3/csds.js";
import { COSTLY, listeningOn, reconnect, scattered, sotw, subscribe, unsubscribe } from "./attack-requests.js";

/** Milliseconds that one request may hold the event loop. A busy machine's collector of garbage makes it more. */
const HOLD_MS = 50;
const SLACK = 2;
const MANY = 100_000;
/** A busy machine may take more than its own once. */
const TRIES = 3;
const DELTA = "discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
const SOTW = "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

interface Conversation {
	readonly method: string;
	/** Each is answered by itself. */
	readonly requests: () => readonly Buffer[];
}

const MANY_NAMES: Readonly<Record<string, Conversation>> = {
	"between other fields": { method: DELTA, requests: () => [scattered(MANY)] },
	"of a client that comes back": { method: DELTA, requests: () => [reconnect(MANY, "n-")] },
	"given up and asked for anew": {
		method: DELTA,
		requests: () => [subscribe(MANY), unsubscribe(MANY - 1), subscribe(MANY - 1)],
	},
	"and then others": {
		method: SOTW,
		requests: () => [sotw(TYPE_URL.eds, MANY - 1), sotw(TYPE_URL.eds, MANY - 1, "n-")],
	},
	"of addresses that a gRPC server listens on": { method: SOTW, requests: () => [listeningOn(65_000)] },
	"of complete sets": { method: SOTW, requests: () => [sotw(TYPE_URL.cds, MANY - 1)] },
	"of a SotW client that comes back": { method: SOTW, requests: () => [sotw(TYPE_URL.eds, MANY - 1, "n-", "v")] },
};

describe("one request", () => {
	const probe = new LoopProbe();
	let fingerpost: Fingerpost;
	let good: XdsStream;
	let rest: number | undefined;
	let round = 0;
	beforeAll(async () => {
		[rest] = await freePorts(1);
		fingerpost = await Fingerpost.start(
			{ xds: { rest: { listen: `127.0.0.1:${rest}` } }, services: { web: { endpoints: [] } } },
			{ env: probe.env },
		);
		good = new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" });
		good.send({ node: { id: "good" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
		await good.next("endpoints", () => true);
	});
	afterAll(async () => {
		good?.[Symbol.dispose]();
		await fingerpost?.[Symbol.asyncDispose]();
	});

	async function changeArrives(): Promise<void> {
		const port = 1_000 + ++round;
		const before = good.responses.length;
		await fingerpost.setServices({ web: { endpoints: [`127.0.0.1:${port}`] } });
		await good.next("the change", ({ resources }) => JSON.stringify(resources).includes(`${port}`), before);
	}

	/**
	 * Sends the requests one after the other, and waits until each was answered or the stream ended.
	 * @returns how long the loop was held meanwhile.
	 */
	async function send(method: string, ...requests: readonly Buffer[]): Promise<number> {
		const since = Date.now();
		const connection = new RawConnection(fingerpost.xdsPort);
		const call = connection.open(method).read();
		let isEnded = false;
		const ended = call.status().then(() => {
			isEnded = true;
		});
		for (const bytes of requests) {
			const before = call.received;
			call.send(bytes);
			await waitUntil("it is answered", () => call.received > before || isEnded);
		}
		await changeArrives();
		connection[Symbol.dispose]();
		await ended;
		await waitUntil("nothing is left of it", async () => (await fingerpost.clients()).length === 1);
		return probe.longest(since);
	}

	it.each(Object.keys(COSTLY))("with %s holds nobody up", async (name) => {
		const request = COSTLY[name]?.() as Buffer;
		expect(await send(DELTA, request)).toBeLessThan(HOLD_MS * SLACK);
	});

	it.each(Object.keys(MANY_NAMES))("with so many names as there may be, %s, holds nobody up", async (name) => {
		const { method, requests } = MANY_NAMES[name] as Conversation;
		let least = Number.POSITIVE_INFINITY;
		for (let i = 0; i < TRIES && least >= HOLD_MS; i++) least = Math.min(least, await send(method, ...requests()));
		expect(least).toBeLessThan(HOLD_MS * SLACK);
	});

	it("for the addresses of very many servers makes no list of clients slow", async () => {
		const connection = new RawConnection(fingerpost.xdsPort);
		const call = connection.open(SOTW).read().send(listeningOn(65_000));
		await waitUntil("it is answered", () => call.received > 0);
		const since = Date.now();
		expect((await fingerpost.clients()).length).toBe(2);
		await changeArrives();
		expect(probe.longest(since)).toBeLessThan(HOLD_MS * SLACK);
		connection[Symbol.dispose]();
		await waitUntil("nothing is left of it", async () => (await fingerpost.clients()).length === 1);
	});

	it("with 32 regexes that take long elsewhere holds nobody up", async () => {
		using long = new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" });
		long.send({ node: { id: `long-${"a".repeat(1_000)}` }, type_url: TYPE_URL.eds, resource_names: ["web"] });
		await long.next("endpoints", () => true);
		const matcher = { nodeId: { safeRegex: { regex: `${".*".repeat(100)}b` } } };
		const request = ClientStatusRequest.fromPartial({ nodeMatchers: Array.from({ length: 32 }, () => matcher) });
		const since = Date.now();
		const connection = new RawConnection(fingerpost.xdsPort);
		const call = connection.open("status.v3.ClientStatusDiscoveryService/FetchClientStatus");
		call.send(ClientStatusRequest.encode(request).finish()).stream.end();
		expect(await call.status()).toMatchObject({ code: status.OK });
		await changeArrives();
		connection[Symbol.dispose]();
		expect(probe.longest(since)).toBeLessThan(HOLD_MS * SLACK);
	});

	it.each([
		["that nests a million deep", "[".repeat(1_000_000)],
		["of a million values", `{"a": [${"0,".repeat(1_000_000)}0]}`],
		["of 10 MiB", Buffer.alloc(10 * 1024 * 1024, " ")],
	])("by REST %s is refused before it is parsed", async (_, body) => {
		const since = Date.now();
		const url = `http://127.0.0.1:${rest}/v3/discovery:endpoints`;
		// Who does not wait for the answer while it still sends may not get it.
		const answer = await fetch(url, { method: "POST", body }).then(
			({ status }) => status,
			() => 413,
		);
		expect([400, 413]).toContain(answer);
		await changeArrives();
		expect(probe.longest(since)).toBeLessThan(HOLD_MS * SLACK);
	});

	it("leaves no line of an error in the log", () => {
		expect(fingerpost.log.filter(({ level }) => level === "error")).toEqual([]);
	});
});
