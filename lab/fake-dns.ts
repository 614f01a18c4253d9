import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import {
	type Answer,
	AUTHORITATIVE_ANSWER,
	decode,
	encode,
	type Packet,
	RECURSION_AVAILABLE,
	TRUNCATED_RESPONSE,
} from "dns-packet";

export interface FakeQuery {
	readonly id: number;
	readonly name: string;
	/** The name in the letters in which it came. */
	readonly asked: string;
	readonly type: string;
	readonly transport: "udp" | "tcp";
	/** From which the question came. */
	readonly port: number;
	readonly edns: boolean;
	/** By performance.now(). */
	readonly at: number;
}

/** How a question is answered other than from the records. */
export interface Reaction {
	/** Nothing is sent; over TCP the connection stays open. */
	readonly silent?: boolean;
	/** Sent as they are. */
	readonly bytes?: Buffer;
	readonly rcode?: keyof typeof RCODES;
	/** No records, TC set. */
	readonly truncated?: boolean;
	/** TC set, with the records. */
	readonly cut?: boolean;
	/** Only the first half of the response's bytes; over TCP the connection ends then. */
	readonly half?: boolean;
	readonly wrongId?: boolean;
	readonly otherQuestion?: string;
	readonly noQuestion?: boolean;
	/** The question is sent back in small letters. */
	readonly lowerCase?: boolean;
	/** RA set: the server asks others too. */
	readonly recursive?: boolean;
	/** The upper bits of the response code, in an OPT record. */
	readonly extendedRcode?: number;
	readonly query?: boolean;
	readonly answers?: readonly Answer[];
	readonly authorities?: readonly Answer[];
	readonly additionals?: readonly Answer[];
	/** Milliseconds before it is sent. */
	readonly delay?: number;
	/** Not set: authoritative. */
	readonly referral?: boolean;
}

const RCODES = {
	FORMERR: 1,
	SERVFAIL: 2,
	NXDOMAIN: 3,
	NOTIMP: 4,
	REFUSED: 5,
	YXDOMAIN: 6,
	NOTAUTH: 9,
	RCODE_15: 15,
} as const;

/** A DNS server on loopback, over UDP and TCP on the same port, that does what the test tells it to and counts. */
export class FakeDns {
	/** All questions, in order. */
	readonly queries: FakeQuery[] = [];
	/** Overrides the records where it gives something. */
	react: (query: FakeQuery) => Reaction | undefined = () => undefined;
	/** Seconds, of the SOA in negative answers; undefined: no SOA. */
	negativeTtl: number | undefined = 5;
	readonly #records = new Map<string, Answer[]>();
	readonly #timers = new Set<NodeJS.Timeout>();
	readonly #connections = new Set<Socket>();
	#udp: UdpSocket | undefined;
	#tcp: Server | undefined;
	#port = 0;

	static async start(): Promise<FakeDns> {
		const server = new FakeDns();
		await server.listen();
		return server;
	}

	/** `127.0.0.1:PORT` */
	get address(): string {
		return `127.0.0.1:${this.#port}`;
	}

	get port(): number {
		return this.#port;
	}

	/** Sets all records of a name and type, as `TTL DATA`; an SRV's data is `PRIORITY WEIGHT PORT HOST`. None: removes them. */
	set(name: string, type: "A" | "AAAA" | "CNAME" | "SRV", ...records: readonly string[]): void {
		const answers = records.map((text): Answer => {
			const [ttl, ...data] = text.split(" ");
			return record(name, type, Number(ttl), data.join(" "));
		});
		if (answers.length > 0) this.#records.set(`${name} ${type}`, answers);
		else this.#records.delete(`${name} ${type}`);
	}

	/** How many questions there were for a name and type; both in one text, as in `web.test A`. */
	count(what?: string): number {
		return what === undefined
			? this.queries.length
			: this.queries.filter(({ name, type }) => `${name} ${type}` === what).length;
	}

	/** Listens, on the port that it had if it had one. */
	async listen(): Promise<void> {
		for (let attempt = 0; ; attempt++) {
			const udp = createSocket("udp4");
			const tcp = createServer((socket) => this.#serveTcp(socket));
			try {
				tcp.listen(this.#port, "127.0.0.1");
				await once(tcp, "listening");
				const { port } = tcp.address() as { port: number };
				udp.bind(port, "127.0.0.1");
				await once(udp, "listening");
				[this.#udp, this.#tcp, this.#port] = [udp, tcp, port];
				udp.on("message", (bytes, from) => {
					this.#serve(bytes, "udp", from.port, (response) => udp.send(response, from.port, from.address));
				});
				return;
			} catch (error) {
				udp.close();
				tcp.close();
				if (attempt === 20) throw error;
			}
		}
	}

	/** The port is closed: questions are refused by the system. */
	async close(): Promise<void> {
		for (const timer of this.#timers) clearTimeout(timer);
		for (const socket of this.#connections) socket.destroy();
		const { promise, resolve } = Promise.withResolvers<void>();
		if (this.#udp) {
			this.#udp.close();
			this.#tcp?.close(() => resolve());
		} else resolve();
		this.#udp = undefined;
		await promise;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	/** Connections that are open. */
	get connections(): number {
		return this.#connections.size;
	}

	#serveTcp(socket: Socket): void {
		this.#connections.add(socket);
		socket.on("close", () => this.#connections.delete(socket));
		socket.on("error", () => socket.destroy());
		let received = Buffer.alloc(0);
		socket.on("data", (chunk) => {
			received = Buffer.concat([received, chunk]);
			if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return;
			const query = received.subarray(2, 2 + received.readUInt16BE());
			this.#serve(query, "tcp", socket.remotePort ?? 0, (response, { half }) => {
				const length = Buffer.alloc(2);
				length.writeUInt16BE(half ? response.length * 2 : response.length);
				// Two writes: a reader must put the parts together.
				socket.write(length);
				if (half) socket.end(response);
				else socket.write(response);
			});
		});
	}

	#serve(bytes: Buffer, transport: "udp" | "tcp", port: number, send: (b: Buffer, how: Reaction) => void): void {
		const packet = decode(bytes);
		const { name: asked = "", type = "A" } = packet.questions?.[0] ?? {};
		// Servers keep the letters of the question and compare names without regard to them.
		const name = asked.toLowerCase();
		const edns = packet.additionals?.some((record) => record.type === "OPT") === true;
		const query: FakeQuery = { id: packet.id ?? 0, name, asked, type, transport, port, edns, at: performance.now() };
		this.queries.push(query);
		const reaction = this.react(query) ?? {};
		if (reaction.silent) return;
		const response = reaction.bytes ?? this.#encode(query, reaction);
		const part = reaction.half ? response.subarray(0, response.length / 2) : response;
		// At once where no delay is wanted, so that tests may hold the clock.
		if (!reaction.delay) {
			send(part, reaction);
			return;
		}
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			send(part, reaction);
		}, reaction.delay);
		this.#timers.add(timer);
	}

	#encode({ id, name, asked, type }: FakeQuery, how: Reaction): Buffer {
		const told = how.answers || how.authorities || how.referral ? undefined : this.#fromRecords(name, type);
		const rcode = how.rcode ?? told?.rcode;
		const failed = how.rcode !== undefined || how.truncated;
		const packet: Packet = {
			type: how.query ? "query" : "response",
			id: how.wrongId ? (id + 1) & 0xffff : id,
			flags:
				(rcode ? RCODES[rcode] : 0) |
				(how.truncated || how.cut ? TRUNCATED_RESPONSE : 0) |
				(how.recursive ? RECURSION_AVAILABLE : 0) |
				(how.referral ? 0 : AUTHORITATIVE_ANSWER),
			questions: how.noQuestion
				? []
				: [{ name: how.otherQuestion ?? (how.lowerCase ? name : asked), type: type as "A", class: "IN" }],
			answers: failed ? [] : [...(how.answers ?? told?.answers ?? [])],
			authorities: failed && rcode !== "NXDOMAIN" ? [] : [...(how.authorities ?? told?.authorities ?? [])],
			additionals: [...(how.additionals ?? []), ...(how.extendedRcode ? [optRecord(how.extendedRcode)] : [])],
		};
		return encode(packet);
	}

	#fromRecords(name: string, type: string) {
		const answers: Answer[] = [];
		let owner = name;
		for (let step = 0; step < 8; step++) {
			const found = this.#records.get(`${owner} ${type}`);
			if (found) return { answers: [...answers, ...found] };
			const alias = this.#records.get(`${owner} CNAME`)?.[0];
			if (!alias) break;
			answers.push(alias);
			owner = (alias as { data: string }).data;
		}
		const exists = [...this.#records.keys()].some((key) => key.split(" ")[0] === owner);
		const ttl = this.negativeTtl;
		const soa: Answer[] = ttl === undefined ? [] : [soaRecord("test", ttl)];
		return { answers, authorities: soa, rcode: exists ? undefined : ("NXDOMAIN" as const) };
	}
}

/** One record; an SRV's data is `PRIORITY WEIGHT PORT HOST`. */
export function record(name: string, type: "A" | "AAAA" | "CNAME" | "NS" | "SRV", ttl: number, data: string): Answer {
	if (type !== "SRV") return { name, type, ttl, class: "IN", data };
	const [priority, weight, port, target = "."] = data.split(" ");
	const srv = { priority: Number(priority), weight: Number(weight), port: Number(port), target };
	return { name, type, ttl, class: "IN", data: srv };
}

export function optRecord(extendedRcode = 0): Answer {
	const nothing = { ednsVersion: 0, flags: 0, flag_do: false, options: [] };
	return { type: "OPT", name: ".", udpPayloadSize: 1_232, extendedRcode, ...nothing };
}

export function soaRecord(zone: string, minimum: number): Answer {
	const timing = { serial: 1, refresh: 1, retry: 1, expire: 1, minimum };
	return {
		name: zone,
		type: "SOA",
		ttl: 3_600,
		class: "IN",
		data: { mname: "ns.test", rname: "admin.test", ...timing },
	};
}
