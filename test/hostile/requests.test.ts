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
import { COSTLY, reconnect, scattered } from "./attack-requests.js";

/** Milliseconds that one request may hold the event loop. A busy machine's collector of garbage makes it more. */
const HOLD_MS = 50;
const SLACK = 2;
/**
 * Of requests with 100,000 names. They are read in slices, but what they ask for is noted in one go, and so is each
 * response of 4 MiB made.
 */
const NAMES_HOLD_MS = 1_000;
const DELTA = "discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

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

	/** Sends the request, and waits until it was answered or refused. @returns how long the loop was held meanwhile. */
	async function send(bytes: Buffer): Promise<number> {
		const since = Date.now();
		const connection = new RawConnection(fingerpost.xdsPort);
		const call = connection.open(DELTA).read();
		call.send(bytes);
		let isEnded = false;
		const ended = call.status().then(() => {
			isEnded = true;
		});
		await waitUntil("it is answered", () => call.received > 0 || isEnded);
		await changeArrives();
		connection[Symbol.dispose]();
		await ended;
		await waitUntil("nothing is left of it", async () => (await fingerpost.clients()).length === 1);
		return probe.longest(since);
	}

	it.each(Object.keys(COSTLY))("with %s holds nobody up", async (name) => {
		const request = COSTLY[name]?.() as Buffer;
		expect(await send(request)).toBeLessThan(HOLD_MS * SLACK);
	});

	it("with 100,000 names between other fields is read in order, and lets others through", async () => {
		expect(await send(scattered(100_000))).toBeLessThan(NAMES_HOLD_MS);
	});

	it("of a client that comes back with 100,000 names and versions works, and lets others through", async () => {
		expect(await send(reconnect(100_000, "n-"))).toBeLessThan(NAMES_HOLD_MS);
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
