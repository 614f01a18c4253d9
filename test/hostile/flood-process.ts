// A process of its own, run by Node as it is: `PORT ADDRESS KIND`. It floods the server from that address, says `flooding`
// once it has begun, and ends with its input.
import { connect, type Socket } from "node:net";
import { http2Frame, PREFACE } from "../../lab/http2-frames.js";

const [SETTINGS, HEADERS, DATA, RST_STREAM, PING, WINDOW_UPDATE] = [4, 1, 0, 3, 6, 8];
const [END_STREAM, END_HEADERS] = [1, 4];
const ADS = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
/** Bytes a second below what ends a connection at once. */
const SLOW = 450 * 1024;

const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const literal = (name: string, value: string) => Buffer.concat([Buffer.from([0]), text(name), text(value)]);

/** The headers of a call, each written out. */
function headers(path: string): Buffer {
	const start = Buffer.concat([Buffer.from([0x83, 0x86, 0x04]), text(path), Buffer.from([0x01]), text("a")]);
	return Buffer.concat([start, literal("content-type", "application/grpc"), literal("te", "trailers")]);
}

/** A header of 2,928 bytes that is in the table from then on. */
const LARGE = Buffer.concat([
	Buffer.from([0x40]),
	text("x"),
	Buffer.from([0x7f, 0xf1, 0x15]),
	Buffer.alloc(2_928, "v"),
]);
/** The same header again, in a byte. */
const SAME = Buffer.from([0xbe]);

/** A call to what there is not, with 12 kB of headers. */
function call(round: number): Buffer {
	const large = round === 0 ? LARGE : SAME;
	const block = Buffer.concat([headers("/nobody"), large, SAME, SAME, SAME]);
	return http2Frame(HEADERS, block, 1 + 2 * round, END_HEADERS | END_STREAM);
}

const open = (stream: number) => http2Frame(HEADERS, headers(ADS), stream, END_HEADERS);
/** An empty message, which is a request without a type. */
const request = (stream: number) => http2Frame(DATA, Buffer.alloc(5), stream);
const reset = (stream: number) => http2Frame(RST_STREAM, Buffer.from([0, 0, 0, 8]), stream);

interface Flood {
	/** What comes first. */
	readonly start?: Buffer;
	readonly next: (round: number) => Buffer;
	/** Bytes a second; as many as are read, unless given. */
	readonly rate?: number;
	/** Ends after so many, and begins anew. */
	readonly rounds?: number;
	readonly connections?: number;
}

const streams = (count: number) => Buffer.concat(Array.from({ length: count }, (_, i) => open(1 + 2 * i)));

const FLOODS: Readonly<Record<string, Flood>> = {
	references: { next: call },
	window: { next: () => http2Frame(WINDOW_UPDATE, Buffer.from([0, 0, 0, 1])), rate: SLOW },
	ping: { next: () => http2Frame(PING, Buffer.alloc(8)), rate: SLOW },
	// Another window for each of the streams, once in a second.
	settings: {
		start: streams(5_000),
		next: (round) => http2Frame(SETTINGS, Buffer.from([0, 4, 0, 0, 0x40 + (round % 64), 0])),
		rate: 15,
	},
	// A stream that is opened, asks and is reset, 19 times in a second.
	resets: {
		next: (round) => Buffer.concat([open(1 + 2 * round), request(1 + 2 * round), reset(1 + 2 * round)]),
		rate: 19 * (open(1).length + request(1).length + reset(1).length),
	},
	"short-connections": {
		next: (round) => Buffer.concat([open(1 + 2 * round), request(1 + 2 * round), reset(1 + 2 * round)]),
		rounds: 150,
		connections: 8,
	},
};

const [port = "", localAddress = "", kind = ""] = process.argv.slice(2);
const flood = FLOODS[kind];
if (!flood) throw new Error(`there is no flood ${kind}`);
const { start = Buffer.alloc(0), next, rate = Number.POSITIVE_INFINITY, rounds = Number.POSITIVE_INFINITY } = flood;

function begin(): void {
	const socket: Socket = connect({ port: Number(port), host: "127.0.0.1", localAddress });
	let round = 0;
	let sent = 0;
	const began = performance.now();
	const timer = setInterval(() => {
		const due = ((performance.now() - began) / 1_000) * rate;
		while (sent < due && round < rounds && socket.writableLength < 100_000) {
			const frames = next(round++);
			sent += frames.length;
			socket.write(frames);
		}
		if (round >= rounds && socket.writableLength === 0) socket.destroy();
	}, 5);
	// Whoever was ended comes again.
	socket
		.on("error", () => {})
		.once("close", () => {
			clearInterval(timer);
			setTimeout(begin, 20);
		});
	socket.resume().write(Buffer.concat([PREFACE, start]));
}

for (let i = 0; i < (flood.connections ?? 1); i++) begin();
process.stdout.write("flooding\n");
process.stdin.once("close", () => process.exit(0)).resume();
