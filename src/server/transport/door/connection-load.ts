import type { Socket } from "node:net";

/** Bytes that a stream may cost besides its messages: headers. */
const BYTES_A_STREAM = 2_048;
/** Frames that are not worth anything: bytes a second, and so many at once. */
const IDLE_BYTES_A_SECOND = 512 * 1024;
/** Streams that come and go at once, and in a second: calls. A client of discovery keeps its streams. */
const CALLS_AT_ONCE = 1_000;
const CALLS_A_SECOND = 200;
/** SETTINGS frames at once, and in a second. Each costs time for every stream that is open. */
const SETTINGS_AT_ONCE = 50;
const SETTINGS_A_SECOND = 1;

/**
 * What one connection costs beyond its requests: headers, SETTINGS, PING, WINDOW_UPDATE and whatever
 * else HTTP/2 has. Pure: time is passed in.
 */
export class ConnectionLoad {
	readonly #socket: Pick<Socket, "bytesRead">;
	/** Bytes that were accounted for. */
	#seen = 0;
	#useful = 0;
	#unpacked = 0;
	#idleLeft = IDLE_BYTES_A_SECOND;
	#settingsLeft = SETTINGS_AT_ONCE;
	#callsLeft = CALLS_AT_ONCE;
	#at: number;

	/** @param now milliseconds. */
	constructor(socket: Pick<Socket, "bytesRead">, now: number) {
		this.#socket = socket;
		this.#at = now;
	}

	/** Bytes of messages came. */
	message(bytes: number): void {
		this.#useful += bytes;
	}

	/** A stream was opened. @param headers their bytes as they are in memory: on the wire one may stand for thousands. */
	stream(headers: number): void {
		this.#useful += BYTES_A_STREAM;
		this.#unpacked += Math.max(0, headers - BYTES_A_STREAM);
	}

	/** A stream has ended soon after it was opened. @returns whether these are more than any client needs. */
	call(): boolean {
		this.#callsLeft--;
		return this.#callsLeft < 0;
	}

	/** SETTINGS came. */
	settings(): void {
		this.#settingsLeft--;
	}

	/** Whether it costs more than any client's should. @param now milliseconds. */
	isTooMuch(now: number): boolean {
		const seconds = (now - this.#at) / 1_000;
		this.#at = now;
		const came = this.#socket.bytesRead - this.#seen;
		this.#seen += came;
		const idle = Math.max(came - this.#useful, this.#unpacked);
		// What was allowed to streams and not needed is not saved up.
		this.#useful = 0;
		this.#unpacked = 0;
		// As much as may come in this time, or at once.
		const inTime = seconds * IDLE_BYTES_A_SECOND;
		const allowed = Math.max(inTime, Math.min(IDLE_BYTES_A_SECOND, this.#idleLeft + inTime));
		this.#idleLeft = Math.min(IDLE_BYTES_A_SECOND, allowed - Math.max(0, idle));
		this.#settingsLeft = Math.min(SETTINGS_AT_ONCE, this.#settingsLeft + seconds * SETTINGS_A_SECOND);
		this.#callsLeft = Math.min(CALLS_AT_ONCE, this.#callsLeft + seconds * CALLS_A_SECOND);
		return this.#idleLeft < 0 || this.#settingsLeft < 0 || this.#callsLeft < 0;
	}
}
