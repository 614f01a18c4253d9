import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ownHost, PORT } from "./own-host.js";

/** What a gate does in place of passing on. A number is the response code of every answer. */
export type DnsFault = "refused" | "hangs" | "blank" | "half" | "garbage" | number;

const GARBAGE = Buffer.from("HTTP/1.1 200 OK\r\n\r\n<!doctype html><title>Sign in</title>");
/** How long a question waits for its answer: milliseconds. */
const ANSWER_MS = 10_000;

/** A relay of DNS over UDP and TCP that can do to its clients what a server does when it fails. */
export class DnsGate implements AsyncDisposable {
	readonly #to: number;
	readonly #host = ownHost();
	readonly #sockets = new Set<Socket>();
	readonly #asked = new Set<UdpSocket>();
	/** Questions over UDP and connections so far. */
	asked = 0;
	#udp: UdpSocket | undefined;
	#tcp: Server | undefined;
	#fault: DnsFault | undefined;

	private constructor(to: number) {
		this.#to = to;
	}

	static async to(port: number): Promise<DnsGate> {
		const gate = new DnsGate(port);
		await gate.#listen();
		return gate;
	}

	/** `HOST:PORT` */
	get address(): string {
		return `${this.#host}:${PORT}`;
	}

	async fail(fault: DnsFault): Promise<void> {
		this.#fault = fault;
		if (fault === "refused") await this.#close();
	}

	async pass(): Promise<void> {
		this.#fault = undefined;
		if (!this.#udp) await this.#listen();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#close();
	}

	async #listen(): Promise<void> {
		const tcp = createServer((near) => this.#serve(near));
		tcp.listen(PORT, this.#host);
		await once(tcp, "listening");
		const udp = createSocket("udp4");
		udp.on("message", (question, from) => {
			this.asked++;
			this.#answer(question, (answer) => udp.send(answer, from.port, from.address));
		});
		udp.bind(PORT, this.#host);
		await once(udp, "listening");
		[this.#udp, this.#tcp] = [udp, tcp];
	}

	async #close(): Promise<void> {
		const [udp, tcp] = [this.#udp, this.#tcp];
		[this.#udp, this.#tcp] = [undefined, undefined];
		for (const each of this.#asked) each.close();
		for (const socket of this.#sockets) socket.destroy();
		if (!udp || !tcp) return;
		const closed = Promise.all([new Promise((resolve) => tcp.close(resolve)), once(udp, "close")]);
		udp.close();
		await closed;
	}

	#answer(question: Buffer, send: (answer: Buffer) => void): void {
		const fault = this.#fault;
		if (fault === "hangs") return;
		if (fault === "blank") send(Buffer.alloc(0));
		else if (fault === "garbage") send(GARBAGE);
		else if (typeof fault === "number") send(withCode(question, fault));
		else this.#ask(question, (answer) => send(fault === "half" ? answer.subarray(0, answer.length / 2) : answer));
	}

	#ask(question: Buffer, answered: (answer: Buffer) => void): void {
		const socket = createSocket("udp4");
		this.#asked.add(socket);
		const timer = setTimeout(() => socket.close(), ANSWER_MS);
		socket.on("close", () => {
			clearTimeout(timer);
			this.#asked.delete(socket);
		});
		socket.on("error", () => socket.close());
		socket.once("message", (answer) => {
			socket.close();
			if (this.#udp) answered(answer);
		});
		socket.send(question, this.#to, "127.0.0.1");
	}

	#serve(near: Socket): void {
		this.asked++;
		this.#keep(near);
		if (this.#fault === undefined) {
			const far = connect(this.#to, "127.0.0.1");
			this.#keep(far);
			near.pipe(far).pipe(near);
		} else if (this.#fault === "blank") near.end();
		else {
			near.once("data", (framed) =>
				this.#answer(framed.subarray(2), (answer) => {
					const length = Buffer.alloc(2);
					length.writeUInt16BE(this.#fault === "half" ? 2 * answer.length : answer.length);
					near.end(Buffer.concat([length, answer]));
				}),
			);
		}
	}

	#keep(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on("error", () => socket.destroy()).on("close", () => this.#sockets.delete(socket));
	}
}

/** The question sent back as an answer with this response code and no records. */
function withCode(question: Buffer, code: number): Buffer {
	const answer = Buffer.from(question);
	answer[2] = (answer[2] ?? 0) | 0x80;
	answer[3] = code;
	return answer;
}
