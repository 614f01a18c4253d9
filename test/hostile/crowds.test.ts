import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { PREFACE } from "../../lab/http2-frames.js";
import { LoopProbe } from "../../lab/loop-probe.js";
import { RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

const MIB = 1024 * 1024;
/** Milliseconds of computing on the usual machine for which the others may wait. */
const HOLD_MS = 250;
/** A busy machine may take more than its own once. */
const TRIES = 5;
const SMALL = 256 * MIB;
const ADS = "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
/** Of all, and so many one address has at least. */
const [STREAMS, CONNECTIONS, SHARE] = [3_000, 2_000, 1_000];

const CROWDS = {
	"health.Watch": "/grpc.health.v1.Health/Watch",
	"client status": "/envoy.service.status.v3.ClientStatusDiscoveryService/StreamClientStatus",
	reflection: "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
};

describe("a crowd", () => {
	let probe: LoopProbe;
	let fingerpost: Fingerpost;
	let good: XdsStream;
	let owned: DisposableStack;
	let before: number;
	let round = 0;
	beforeEach(async () => {
		probe = new LoopProbe();
		const xds = { limits: { streams: STREAMS, connections: CONNECTIONS } };
		fingerpost = await Fingerpost.start({ xds, services: { web: { endpoints: [] } } }, { env: probe.env });
		good = new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" });
		good.send({ node: { id: "good" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
		await good.next("endpoints", () => true);
		owned = new DisposableStack();
		before = residentBytes();
	});
	afterEach(async () => {
		owned.dispose();
		good?.[Symbol.dispose]();
		await fingerpost?.[Symbol.asyncDispose]();
	});

	function residentBytes(): number {
		return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${fingerpost.pid}/status`, "utf8"))?.[1]) * 1_024;
	}

	async function changeArrives(): Promise<void> {
		const port = 1_000 + ++round;
		const seen = good.responses.length;
		await fingerpost.setServices({ web: { endpoints: [`127.0.0.1:${port}`] } });
		await good.next("the change", ({ resources }) => JSON.stringify(resources).includes(`${port}`), seen);
	}

	/** Its loop was not held meanwhile, a newcomer is served, its memory comes back, and the log has no error. */
	async function expectAsBefore(since: number): Promise<void> {
		await changeArrives();
		expect(probe.longest(since)).toBeLessThan(HOLD_MS);
		owned.dispose();
		await waitUntil("a newcomer is served", async () => {
			using late = new XdsStream({ port: fingerpost.xdsPort, mode: "sotw" });
			late.send({ node: { id: "late" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
			return await late.next("endpoints", () => true);
		});
		await waitUntil("the others are gone", async () => (await fingerpost.clients()).length === 1);
		const allowed = Math.max(SMALL, 1.5 * before);
		await waitUntil("its memory is back", () => {
			if (residentBytes() < allowed) return true;
			throw new Error(`${Math.round(residentBytes() / MIB)} MiB`);
		});
		expect(fingerpost.log.filter(({ level }) => level === "error")).toEqual([]);
	}

	async function limited(limit: string): Promise<number> {
		const pattern = new RegExp(`^fingerpost_limits_reached_total\\{limit="${limit}"\\} (\\d+)`, "m");
		return Number(pattern.exec(await fingerpost.get("/metrics"))?.[1] ?? 0);
	}

	function connection(address?: string): RawConnection {
		return owned.use(new RawConnection(fingerpost.xdsPort, address));
	}

	it.each(Object.entries(CROWDS))(
		"of streams of %s gets a part of them, and leaves room for others",
		{ retry: TRIES - 1 },
		async (_, method) => {
			const since = Date.now();
			let answered = 0;
			const end = (code: unknown) => {
				if (Number(code) === status.RESOURCE_EXHAUSTED) answered++;
			};
			// Of three addresses, each of which wants more than its share.
			for (const address of ["127.0.0.2", "127.0.0.3"]) {
				for (let i = 0; i < 3; i++) {
					const from = connection(address);
					for (let each = 0; each < 500; each++) {
						const { stream } = from.open(method).read().send(Buffer.alloc(0));
						stream.on("response", (headers) => end(headers["grpc-status"]));
					}
				}
			}
			await waitUntil("of each address 500 are refused", () => answered >= 2 * (1_500 - SHARE));
			expect(answered).toBe(2 * (1_500 - SHARE));
			const other = connection("127.0.0.4").open(ADS).read();
			other.send(Buffer.concat([Buffer.from([0x22, TYPE_URL.cds.length]), Buffer.from(TYPE_URL.cds)]));
			await waitUntil("another address is served", () => other.received > 0);
			await expectAsBefore(since);
		},
	);

	it("of calls with 30 kB of headers loses its connections, and leaves nothing", async () => {
		const since = Date.now();
		const value = "v".repeat(10_000);
		for (let i = 0; i < 5; i++) {
			const from = connection();
			for (let each = 0; each < 100; each++) from.open(ADS, { a: value, b: value, c: value }).read();
			const call = from.open(ADS, { a: value, b: value, c: value });
			expect(await call.status()).not.toMatchObject({ code: status.OK });
		}
		await expectAsBefore(since);
	});

	it("of requests that are small until they are unpacked is refused, and others that are packed are read", async () => {
		const since = Date.now();
		const from = connection();
		const bomb = gzipSync(Buffer.alloc(64 * MIB));
		const calls = Array.from({ length: 40 }, () => from.open(ADS, { "grpc-encoding": "gzip" }).read().send(bomb, 1));
		for (const call of calls) expect(await call.status()).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
		const packed = connection("127.0.0.2").open(ADS, { "grpc-encoding": "gzip" }).read();
		packed.send(gzipSync(Buffer.concat([Buffer.from([0x22, TYPE_URL.cds.length]), Buffer.from(TYPE_URL.cds)])), 1);
		await waitUntil("it is answered", () => packed.received > 0);
		await expectAsBefore(since);
	});

	it.each([
		["one address", 1, 2_500],
		["fifty addresses", 50, 2_500],
	])("of idle connections from %s gets a part of them, and leaves nothing", async (_, addresses, count) => {
		const since = Date.now();
		const sockets = new Set<Socket>();
		owned.defer(() => {
			for (const socket of sockets) socket.destroy();
		});
		let settled = 0;
		for (let i = 0; i < count; i++) {
			const localAddress = `127.0.1.${1 + (i % addresses)}`;
			const socket = connect({ port: fingerpost.xdsPort, host: "127.0.0.1", localAddress });
			// Half of them begin as HTTP/2 and then say nothing.
			socket.once("connect", () => {
				settled++;
				if (i % 2) socket.write(PREFACE);
			});
			socket.on("error", () => {}).once("close", () => sockets.delete(socket));
			sockets.add(socket.resume());
			if (i % 100 === 99) await waitUntil("they are accepted", () => settled === i + 1);
		}
		// The connection of the one client counts, too.
		const room = addresses === 1 ? SHARE : CONNECTIONS - 1;
		await waitUntil(`${room} are left`, () => sockets.size === room);
		expect(await limited("connections")).toBe(count - room);
		await expectAsBefore(since);
	});
});
