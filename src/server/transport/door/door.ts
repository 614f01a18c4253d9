import type { EventEmitter } from "node:events";
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { type LimitName, type Limits, shareOf } from "../../../model/limits.js";
import { Shares } from "../../../util/shares.js";
import { RpcError } from "../../wire/rpc-error.js";
import { CallRates } from "./call-rates.js";
import { ConnectionLoad } from "./connection-load.js";
import { interceptStreams, refuseStream, type StreamTaker } from "./http2-server.js";
import { OpeningPace } from "./opening-pace.js";

/** Milliseconds for a request that is the only one of its stream. */
const ONLY_REQUEST_MS = 15_000;
/** Milliseconds between two looks at what connections cost. */
const LOOK_MS = 250;
/** Connections that a look takes, in turn; the latter where the loop was busy for more than half of the time. */
const A_LOOK = 128;
const A_BUSY_LOOK = 1_024;
/** Milliseconds within which a stream that ends was a call. */
const CALL_MS = 1_000;
/** Milliseconds for which an address gets no new connection, after one of its was ended for what it cost. */
const SHUT_MS = 5_000;

export interface DoorEvents {
	/** Someone was refused, or sent away. @param address with or without port. */
	limited(address: string, limit: LimitName): void;
	/** @param pass to be called once it is known who makes the call, if that may be made. */
	welcome(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, pass: () => void): void;
	/** Whether a stream of this path has a time limit of its own for its first request. */
	hasOwnTime(path: string): boolean;
}

interface Guest {
	readonly address: string;
	readonly load: ConnectionLoad;
	readonly session: ServerHttp2Session;
}

/**
 * Who may come in: counts connections, and the streams of every service, of all and of each peer. A
 * peer is an address. It ends connections that cost far more than their requests.
 */
export class Door {
	readonly #events: DoorEvents;
	readonly #connections: Shares;
	readonly #streams: Shares;
	readonly #guests = new Map<object, Guest>();
	/** Those that the next looks take. */
	#next: Iterator<Guest> | undefined;
	readonly #calls = new CallRates();
	readonly #pace = new OpeningPace();
	/** Addresses that get no connection, and until when. */
	readonly #shut = new Map<string, number>();
	#timer: NodeJS.Timeout | undefined;
	#loop = performance.eventLoopUtilization();

	constructor(limits: () => Limits, events: DoorEvents) {
		this.#events = events;
		const shares = (total: () => number) => new Shares(total, () => shareOf(total()));
		this.#connections = shares(() => limits().connections);
		this.#streams = shares(() => limits().streams);
	}

	get streams(): number {
		return this.#streams.taken;
	}

	get connections(): number {
		return this.#connections.taken;
	}

	/** @returns whether the connection may stay. */
	admits(socket: Socket): boolean {
		const address = socket.remoteAddress ?? "";
		const isShut = (this.#shut.get(address) ?? 0) > performance.now();
		if (!isShut && this.#connections.take(address)) {
			socket.once("close", () => this.#connections.give(address));
			return true;
		}
		this.#events.limited(address, isShut ? "frames" : "connections");
		return false;
	}

	/** Stands before grpc-js from now on. */
	guard(http2: EventEmitter): void {
		http2.on("session", (session: ServerHttp2Session) => this.#greet(session));
		interceptStreams(http2, (grpc) => (stream, headers, flags) => this.#open(grpc, stream, headers, flags));
		this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
	}

	/** What counts what the connection costs, as long as it is there. */
	loadOf(session: object): ConnectionLoad | undefined {
		return this.#guests.get(session)?.load;
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#pace.stop();
	}

	#greet(session: ServerHttp2Session): void {
		const { socket } = session;
		const load = new ConnectionLoad(socket, performance.now());
		this.#guests.set(session, { address: socket.remoteAddress ?? "", load, session });
		session.on("remoteSettings", () => load.settings());
		session.once("close", () => this.#guests.delete(session));
	}

	#open(grpc: StreamTaker, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number): void {
		// Whatever ends it early: who takes it learns of that by its close.
		stream.on("error", () => {});
		const guest = stream.session && this.#guests.get(stream.session);
		// It was reset in the same read: nothing can be answered, and its close may be over.
		if (stream.destroyed) {
			this.#call(guest);
			return;
		}
		const address = guest?.address ?? "";
		if (!this.#streams.take(address)) {
			this.#events.limited(address, "streams");
			refuseStream(stream, RpcError.streams());
			this.#call(guest);
			return;
		}
		guest?.load.stream(sizeOf(headers));
		const opened = performance.now();
		stream.once("close", () => {
			this.#streams.give(address);
			if (performance.now() - opened < CALL_MS) this.#call(guest);
		});
		if (!this.#events.hasOwnTime(String(headers[":path"]))) this.#limitTime(stream, address);
		this.#events.welcome(stream, headers, () =>
			this.#pace.take(() => {
				if (!stream.destroyed) grpc(stream, headers, flags);
			}),
		);
	}

	/** A request that comes alone has to come whole, or its stream would be there for ever. */
	#limitTime(stream: ServerHttp2Stream, address: string): void {
		const timer = setTimeout(() => {
			if (stream.readableEnded || stream.destroyed) return;
			this.#events.limited(address, "firstRequest");
			stream.close();
		}, ONLY_REQUEST_MS);
		stream.once("close", () => clearTimeout(timer));
	}

	/** A stream has ended soon after it was opened. */
	#call(guest: Guest | undefined): void {
		if (!guest) return;
		const isTooMuch = this.#calls.isTooMuch(guest.address, performance.now());
		if (guest.load.call() || isTooMuch) this.#end(guest);
	}

	#look(): void {
		const now = performance.now();
		const { utilization } = performance.eventLoopUtilization(this.#loop);
		this.#loop = performance.eventLoopUtilization();
		for (let left = utilization > 0.5 ? A_BUSY_LOOK : A_LOOK; left > 0; left--) {
			this.#next ??= this.#guests.values();
			const { value: guest, done } = this.#next.next();
			if (done) {
				this.#next = undefined;
				break;
			}
			const { load, session } = guest;
			// Its socket throws on every look from then on, though its close is still to be told.
			if (!session.destroyed && load.isTooMuch(now)) this.#end(guest);
		}
		this.#calls.forget(now);
		for (const [address, until] of this.#shut) if (until <= now) this.#shut.delete(address);
	}

	/** Ends its connection, and keeps its address out for a while. */
	#end({ address, session }: Guest): void {
		if (session.destroyed) return;
		this.#shut.set(address, performance.now() + SHUT_MS);
		this.#events.limited(address, "frames");
		session.destroy();
	}
}

/** Bytes of headers, roughly. */
function sizeOf(headers: IncomingHttpHeaders): number {
	let bytes = 0;
	// Without a list of them: there are some for every stream.
	for (const name in headers) {
		const value = headers[name];
		if (typeof value === "string") bytes += name.length + value.length;
		else for (const each of value ?? []) bytes += name.length + each.length;
	}
	return bytes;
}
