import { setTimeout as delay } from "node:timers/promises";

type Kind = "services" | "clients" | "changes" | "nacks";

/** What became due at a reader since it last looked. */
export interface DueEvents {
	/** Names of services, as they are now whatever happened between. */
	readonly services: readonly string[];
	/** Numbers of streams, too. */
	readonly clients: readonly number[];
	/** What happened, the oldest first, as JSON. */
	readonly happened: readonly { readonly kind: "changes" | "nacks"; readonly text: string }[];
	/** How many that happened were dropped, because the reader was slow. */
	readonly dropped: number;
}

/** Events that happened and wait for a slow reader; the oldest go. */
const MAX_WAITING = 200;
/** What happens within this time goes out together: milliseconds. */
const GATHER_MS = 50;

/**
 * What one reader of events has yet to be told. Of services and clients it is which ones, so that a slow reader costs
 * what there is, not what happened.
 */
export class EventReader {
	readonly #kinds: ReadonlySet<Kind>;
	readonly #onClose: () => void;
	readonly #closed = new AbortController();
	#services = new Set<string>();
	#clients = new Set<number>();
	#happened: DueEvents["happened"][number][] = [];
	#dropped = 0;
	#wake: (() => void) | undefined;

	constructor(kinds: readonly Kind[], onClose: () => void) {
		this.#kinds = new Set(kinds);
		this.#onClose = onClose;
	}

	wants(kind: Kind): boolean {
		return this.#kinds.has(kind);
	}

	service(name: string): void {
		if (!this.wants("services")) return;
		this.#services.add(name);
		this.#wake?.();
	}

	client(stream: number): void {
		if (!this.wants("clients")) return;
		this.#clients.add(stream);
		this.#wake?.();
	}

	happened(kind: "changes" | "nacks", text: string): void {
		if (!this.wants(kind)) return;
		this.#happened.push({ kind, text });
		if (this.#happened.length > MAX_WAITING) {
			this.#happened.shift();
			this.#dropped++;
		}
		this.#wake?.();
	}

	/**
	 * Waits for something to tell, and a moment longer for what comes along with it.
	 * @param limit milliseconds. @returns undefined where nothing came by then, and once it is closed.
	 */
	async next(limit: number): Promise<DueEvents | undefined> {
		const { signal } = this.#closed;
		if (!this.#isDue && !signal.aborted) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, limit);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
			this.#wake = undefined;
		}
		if (!this.#isDue || signal.aborted) return undefined;
		// Its only error is the end.
		await delay(GATHER_MS, undefined, { signal }).catch(() => {});
		return this.#take();
	}

	get isClosed(): boolean {
		return this.#closed.signal.aborted;
	}

	close(): void {
		this.#closed.abort();
		this.#onClose();
		this.#wake?.();
	}

	get #isDue(): boolean {
		return this.#services.size + this.#clients.size + this.#happened.length > 0;
	}

	#take(): DueEvents {
		const due = {
			services: [...this.#services],
			clients: [...this.#clients],
			happened: this.#happened,
			dropped: this.#dropped,
		};
		this.#services = new Set();
		this.#clients = new Set();
		this.#happened = [];
		this.#dropped = 0;
		return due;
	}
}
