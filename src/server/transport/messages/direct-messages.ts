import { Metadata } from "@grpc/grpc-js";
import { type Message, MessageReader } from "../../wire/message-reader.js";
import { RpcError } from "../../wire/rpc-error.js";
import type { Call } from "./bytes-method.js";
import type { CallMessages, MessageListener } from "./call-messages.js";
import type { Http2Stream } from "./http2-stream.js";
import { inflated, mostInflated } from "./inflated.js";
import type { Room, UnreadMessages } from "./unread-messages.js";

/** Milliseconds until a stream's first request begins to come. */
const FIRST_REQUEST_MS = 15_000;
/** Milliseconds for a message to come whole, and to find room in memory. */
const MESSAGE_TIME_MS = 60_000;

/** What the messages of a server share. */
export interface MessageSettings {
	/** Largest incoming message, in bytes. */
	maxBytes(): number;
	readonly unread: UnreadMessages;
	/** What counts the bytes of messages that come on an HTTP/2 session, if anything does. */
	counterOf?(session: object): MessageCounter | undefined;
	readonly times?: MessageTimes | undefined;
}

export interface MessageCounter {
	/** Bytes of messages came. */
	message(bytes: number): void;
}

/** What takes longer ends the stream: milliseconds. */
export interface MessageTimes {
	/** Until the first request begins to come. Default 15,000. */
	readonly firstRequest?: number;
	/** For a message to come whole, and to find room in memory. Default 60,000. */
	readonly message?: number;
}

/**
 * Straight to and from the call's HTTP/2 stream. All calls write the same buffer: no call that is
 * slow to read holds a copy of its own.
 */
export class DirectMessages implements CallMessages {
	readonly #call: Call;
	readonly #stream: Http2Stream;
	readonly #settings: MessageSettings;
	readonly #counter: MessageCounter | undefined;
	readonly #reader: MessageReader;
	#listener: MessageListener | undefined;
	#paused = false;
	/** A message is being read that takes longer. */
	#busy = false;
	/** There is no room yet for the message that has begun to come. */
	#waiting = false;
	#room: Room | undefined;
	#giveUpWaiting: (() => void) | undefined;
	/** For the first request, or for the message that has begun to come. */
	#deadline: NodeJS.Timeout | undefined;
	#hasSent = false;
	#ended = false;
	#begun = false;

	/** @param stream the call's own. */
	constructor(call: Call, stream: Http2Stream, settings: MessageSettings) {
		this.#call = call;
		this.#stream = stream;
		this.#settings = settings;
		this.#counter = settings.counterOf?.(stream.session);
		this.#reader = new MessageReader(() => settings.maxBytes(), stream.encoding !== "identity");
	}

	listen(listener: MessageListener): void {
		this.#listener = listener;
		const { firstRequest = FIRST_REQUEST_MS } = this.#settings.times ?? {};
		this.#limitTime(firstRequest, RpcError.firstRequest);
		const { duplex } = this.#stream;
		const theirs = duplex.listeners("data");
		duplex.on("data", (piece: Buffer) => this.#take(piece));
		duplex.on("end", () => {
			this.#ended = true;
			this.#tell();
		});
		for (const each of theirs) duplex.off("data", each as () => void);
		// grpc-js sees only the end of the stream.
		this.#call.resume();
	}

	pause(): void {
		this.#paused = true;
		this.#stream.duplex.pause();
	}

	resume(): void {
		this.#paused = false;
		this.#goOn();
	}

	close(): void {
		this.#listener = undefined;
		if (!this.#busy) this.#forget();
		// Drain what still arrives; unread bytes would use up the connection's flow-control window.
		this.#stream.duplex.resume();
	}

	write(frame: Buffer, onWritten: (error?: Error | null) => void): void {
		if (!this.#stream.duplex.writable) return;
		if (!this.#begun) this.#call.sendMetadata(new Metadata());
		this.#begun = true;
		this.#stream.duplex.write(frame, onWritten);
	}

	get #isStopped(): boolean {
		return this.#paused || this.#busy || this.#waiting;
	}

	#take(piece: Buffer): void {
		this.#counter?.message(piece.length);
		if (!this.#listener) return;
		if (!this.#hasSent) this.#noLimit();
		this.#hasSent = true;
		this.#reader.add(piece);
		// grpc-js may have resumed it.
		if (this.#isStopped) this.#stream.duplex.pause();
		this.#tell();
	}

	#goOn(): void {
		this.#tell();
		if (!this.#isStopped) this.#stream.duplex.resume();
	}

	/** Delivers the complete messages, unless paused. */
	#tell(): void {
		for (let next = this.#next(); next; next = this.#next()) this.#deliver(next);
		this.#reader.hold();
		if (this.#busy || !this.#listener) return;
		this.#reader.release();
		if (this.#reader.isPartial && !this.#ended) this.#awaitRest();
		if (!this.#ended || this.#paused) return;
		this.#ended = false;
		this.#noLimit();
		this.#listener.ended();
	}

	#next(): Message | undefined {
		if (this.#paused || this.#busy || !this.#listener) return undefined;
		try {
			return this.#reader.take();
		} catch (reason) {
			this.#fail(reason);
			return undefined;
		}
	}

	#deliver({ bytes, isCompressed }: Message): void {
		this.#noLimit();
		const busy = isCompressed ? this.#inflate(bytes) : this.#listener?.message(bytes);
		if (busy === undefined) this.#giveBack();
		else this.#wait(busy);
	}

	#wait(busy: Promise<void>): void {
		this.#busy = true;
		this.#stream.duplex.pause();
		void busy.then(() => {
			this.#busy = false;
			this.#giveBack();
			if (this.#listener) this.#goOn();
			else this.#forget();
		});
	}

	/** The room for what comes of it is taken before. */
	async #inflate(bytes: Buffer): Promise<void> {
		const max = this.#settings.maxBytes();
		let room: Room | undefined;
		try {
			room = await this.#roomFor(mostInflated(bytes.length, max));
			const message = this.#listener && (await inflated(bytes, this.#stream.encoding, max));
			if (message) await this.#listener?.message(message);
		} catch (reason) {
			this.#fail(reason);
		} finally {
			room?.giveBack();
		}
	}

	/** @throws RpcError if there is none in time. */
	#roomFor(bytes: number): Promise<Room> {
		const { times, unread } = this.#settings;
		return new Promise((resolve, reject) => {
			const time = times?.message ?? MESSAGE_TIME_MS;
			const timer = setTimeout(() => {
				giveUp();
				reject(RpcError.messageTime(time / 1_000));
			}, time);
			const giveUp = unread.ask(this.#stream.address, bytes, (room) => {
				clearTimeout(timer);
				resolve(room);
			});
		});
	}

	/** Takes room for the message that has begun to come, and sets it a time. */
	#awaitRest(): void {
		const { times, unread } = this.#settings;
		if (!this.#deadline) this.#limitTime(times?.message ?? MESSAGE_TIME_MS, RpcError.messageTime);
		const { length } = this.#reader;
		if (this.#room || this.#waiting || length === undefined) return;
		this.#waiting = true;
		this.#stream.duplex.pause();
		this.#giveUpWaiting = unread.ask(this.#stream.address, length, (room) => {
			this.#room = room;
			this.#waiting = false;
			if (!this.#isStopped) this.#stream.duplex.resume();
		});
	}

	#limitTime(time: number, error: (seconds: number) => RpcError): void {
		this.#deadline = setTimeout(() => this.#fail(error(time / 1_000)), time);
	}

	#noLimit(): void {
		if (!this.#deadline) return;
		clearTimeout(this.#deadline);
		this.#deadline = undefined;
	}

	#fail(reason: unknown): void {
		const listener = this.#listener;
		this.close();
		listener?.unreadable(reason);
	}

	#giveBack(): void {
		if (!this.#giveUpWaiting) return;
		this.#giveUpWaiting();
		this.#giveUpWaiting = undefined;
		this.#waiting = false;
		this.#room?.giveBack();
		this.#room = undefined;
	}

	#forget(): void {
		this.#noLimit();
		this.#reader.clear();
		this.#reader.release();
		this.#giveBack();
	}
}
