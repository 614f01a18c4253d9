import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { http2Frame, PREFACE } from "../../lab/http2-frames.js";
import { LoopProbe } from "../../lab/loop-probe.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

/** Milliseconds of computing for which the others may wait. */
const HOLD_MS = 250;
const [SETTINGS, HEADERS, PING, WINDOW_UPDATE] = [4, 1, 6, 8];
const END = 0x5;

/** Headers that are small on the wire and large in memory: one is in the table, and is referred to again and again. */
function references(stream: number): Buffer {
	const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
	const large = Buffer.concat([
		Buffer.from([0x40]),
		text("x"),
		Buffer.from([0x7f, 0xf1, 0x15]),
		Buffer.alloc(2_928, "v"),
	]);
	const start = Buffer.concat([Buffer.from([0x83, 0x86, 0x04]), text("/nobody"), Buffer.from([0x01]), text("a")]);
	return http2Frame(HEADERS, Buffer.concat([start, large, Buffer.alloc(1_000, 0xbe)]), stream, END);
}

const FLOODS: Readonly<Record<string, (round: number) => Buffer>> = {
	"headers that refer to others": (round) =>
		Buffer.concat(Array.from({ length: 100 }, (_, i) => references(1 + 2 * (100 * round + i)))),
	SETTINGS: () => Buffer.alloc(9 * 1_000, http2Frame(SETTINGS, Buffer.alloc(0))),
	PING: () => Buffer.alloc(17 * 10_000, http2Frame(PING, Buffer.alloc(8))),
	WINDOW_UPDATE: () => Buffer.alloc(13 * 10_000, http2Frame(WINDOW_UPDATE, Buffer.from([0, 0, 0, 1]))),
};

describe("a slow flood", () => {
	const probe = new LoopProbe();
	let fingerpost: Fingerpost;
	let good: XdsStream;
	let round = 0;
	beforeAll(async () => {
		fingerpost = await Fingerpost.start({ services: { web: { endpoints: [] } } }, { env: probe.env });
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

	it.each(Object.keys(FLOODS))("of %s ends its connection, and holds nobody up", async (name) => {
		const since = Date.now();
		// Another address each time: one whose connection was ended gets no other for a while.
		const localAddress = `127.0.0.${2 + Object.keys(FLOODS).indexOf(name)}`;
		const socket = connect({ port: fingerpost.xdsPort, host: "127.0.0.1", localAddress }).on("error", () => {});
		socket.resume().write(PREFACE);
		let sent = 0;
		await waitUntil("it is ended", () => {
			if (isEnded(socket)) return true;
			if (socket.writableLength < 1_000_000) socket.write(FLOODS[name]?.(sent++) as Buffer);
			return false;
		});
		await changeArrives();
		expect(probe.longest(since)).toBeLessThan(HOLD_MS);
	});

	it("leaves no line of an error in the log", () => {
		expect(fingerpost.log.filter(({ level }) => level === "error")).toEqual([]);
	});
});

function isEnded(socket: Socket): boolean {
	return socket.destroyed || socket.readableEnded;
}
