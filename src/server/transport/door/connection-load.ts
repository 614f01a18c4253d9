import type { Socket } from "node:net";

/** Bytes that a stream may cost besides its messages: headers. */
const BYTES_A_STREAM = 2_048;
/** Frames that are not worth anything: bytes a second, and so many at once. */
const IDLE_BYTES_A_SECOND = 512 * 1024;
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
	#idleLeft = IDLE_BYTES_A_SECOND;
	#settingsLeft = SETTINGS_AT_ONCE;
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

	/** A stream was opened. */
	stream(): void {
		this.#useful += BYTES_A_STREAM;
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
		const idle = came - this.#useful;
		// What was allowed to streams and not needed is not saved up.
		this.#useful = 0;
		this.#idleLeft = Math.min(IDLE_BYTES_A_SECOND, this.#idleLeft + seconds * IDLE_BYTES_A_SECOND) - Math.max(0, idle);
		this.#settingsLeft = Math.min(SETTINGS_AT_ONCE, this.#settingsLeft + seconds * SETTINGS_A_SECOND);
		return this.#idleLeft < 0 || this.#settingsLeft < 0;
	}
}
