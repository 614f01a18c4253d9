import type { Logger } from "pino";
import { PeerBudgets } from "../util/lines/peer-budgets.js";

/** How often it is told what was left out of peers that have fallen silent: milliseconds. */
const TELL_INTERVAL_MS = 60_000;
/** What a line has beside its fields: level, time, braces. */
const FRAME_BYTES = 64;

type Level = "info" | "warn";

/** What a line says, beside other things the peer's address and port. */
interface ClientFields {
	readonly address: string;
	readonly [field: string]: unknown;
}

/**
 * What clients cause: a peer at most 1 kB/s after 32 kB. What is left out is counted, and told with its next line or within
 * a minute.
 */
export class ClientLog implements Disposable {
	readonly #log: Logger;
	readonly #budgets = new PeerBudgets();
	#timer: NodeJS.Timeout | undefined;
	#suppressed = 0;

	constructor(log: Logger) {
		this.#log = log;
	}

	/** How many lines were left out since the start. */
	get suppressed(): number {
		return this.#suppressed;
	}

	write(level: Level, fields: ClientFields, message: string): void {
		if (!this.#log.isLevelEnabled(level)) return;
		const unlogged = this.#budgets.take(peerOf(fields.address), lengthOf(fields, message));
		if (unlogged === undefined) {
			this.#suppressed++;
			this.#timer ??= setTimeout(() => this.#tell(), TELL_INTERVAL_MS).unref();
			return;
		}
		this.#log[level]({ ...fields, ...(unlogged > 0 && { unlogged }) }, message);
	}

	/** Tells what is left to tell. */
	[Symbol.dispose](): void {
		if (this.#timer) this.#tell();
		clearTimeout(this.#timer);
	}

	#tell(): void {
		for (const { peer, lines } of this.#budgets.untold(FRAME_BYTES * 2)) {
			this.#log.warn({ address: peer, unlogged: lines }, "lines of this peer were not logged: they were too many");
		}
		this.#timer = undefined;
		if (this.#budgets.hasUntold) this.#timer = setTimeout(() => this.#tell(), TELL_INTERVAL_MS).unref();
	}
}

function lengthOf(fields: object, message: string): number {
	return Buffer.byteLength(JSON.stringify(fields)) + message.length + FRAME_BYTES;
}

/** A peer is an address, whatever port it comes from. */
function peerOf(address: string): string {
	return address.replace(/:\d*$/, "");
}
