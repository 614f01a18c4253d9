import type { Logger } from "pino";
import { PeerBudgets } from "../../util/lines/peer-budgets.js";
import { isLogged, logLine } from "./log-line.js";
import { type FieldsOf, LOG_MESSAGES, type LogMessage } from "./messages.js";

/** How often it is told what was left out of peers that have fallen silent: milliseconds. */
const TELL_INTERVAL_MS = 60_000;
/** What a line has beside its fields: level, time, braces. */
const FRAME_BYTES = 64;
/** A budget of its own for what is only logged when somebody looks for something: bytes. */
const VERBOSE = { atOnce: 256 * 1024, perSecond: 32_000 };
/** What names that do not exist may take, of which a request may have thousands, and all else: bytes. */
const NAMES = { atOnce: 8 * 1024, perSecond: 250 };
const ALL_ELSE = { atOnce: 32 * 1024, perSecond: 750 };

/** Messages of which there is one a name. */
const OF_NAMES: ReadonlySet<LogMessage> = new Set([
	"client asks for a name that no service has",
	"client asks for a service that no rule lets it see",
]);

/** Messages of what a peer causes. */
type PeerMessage = {
	[M in LogMessage]: "address" extends keyof FieldsOf<M> ? M : never;
}[LogMessage];

/**
 * What clients cause: a peer at most 1 kB/s after 40 kB, a fourth of it for names that do not exist, and 32 kB/s after
 * 256 kB of debug and trace. What is left out is counted, and told with its next line or within a minute.
 */
export class ClientLog implements Disposable {
	readonly #log: Logger;
	readonly #budgets = new PeerBudgets(ALL_ELSE);
	readonly #verbose = new PeerBudgets(VERBOSE);
	readonly #names = new PeerBudgets(NAMES);
	#timer: NodeJS.Timeout | undefined;
	#suppressed = 0;

	constructor(log: Logger) {
		this.#log = log;
	}

	/** How many lines were left out since the start. */
	get suppressed(): number {
		return this.#suppressed;
	}

	/** Whether a line of this message would be written, as far as its level goes. */
	wants(message: PeerMessage): boolean {
		return isLogged(this.#log, message);
	}

	/** @param fields with the peer's address and port. */
	write<M extends PeerMessage>(message: M, fields: FieldsOf<M> & { readonly address: string }): void {
		if (!this.wants(message)) return;
		const unlogged = this.#budgetsOf(message).take(peerOf(fields.address), lengthOf(fields, message));
		if (unlogged === undefined) {
			this.#suppressed++;
			this.#timer ??= setTimeout(() => this.#tell(), TELL_INTERVAL_MS).unref();
			return;
		}
		logLine(this.#log, message, { ...fields, ...(unlogged > 0 && { unlogged }) });
	}

	/** Tells what is left to tell. */
	[Symbol.dispose](): void {
		if (this.#timer) this.#tell();
		clearTimeout(this.#timer);
	}

	#budgetsOf(message: PeerMessage): PeerBudgets {
		const { level } = LOG_MESSAGES[message];
		if (level === "debug" || level === "trace") return this.#verbose;
		return OF_NAMES.has(message) ? this.#names : this.#budgets;
	}

	#tell(): void {
		const all = [this.#budgets, this.#verbose, this.#names];
		for (const budgets of all) {
			for (const { peer, lines } of budgets.untold(FRAME_BYTES * 2)) {
				logLine(this.#log, "lines of this peer were not logged: they were too many", {
					address: peer,
					unlogged: lines,
				});
			}
		}
		this.#timer = undefined;
		if (all.some(({ hasUntold }) => hasUntold)) this.#timer = setTimeout(() => this.#tell(), TELL_INTERVAL_MS).unref();
	}
}

function lengthOf(fields: object, message: string): number {
	return Buffer.byteLength(JSON.stringify(fields)) + message.length + FRAME_BYTES;
}

/** A peer is an address, whatever port it comes from. */
function peerOf(address: string): string {
	return address.replace(/:\d*$/, "");
}
