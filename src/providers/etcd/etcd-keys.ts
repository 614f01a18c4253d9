import { setImmediate as turn } from "node:timers/promises";
import { compareText, type Endpoint } from "../../model/endpoint.js";
import type { FingerpostError } from "../../util/errors.js";
import type { KeyValue, WatchEvent } from "./client/etcd-calls.js";
import type { KeysObserver } from "./client/followed-prefix.js";
import { readEtcdValue } from "./etcd-value.js";

interface Entry {
	readonly revision: number;
	readonly endpoint?: Endpoint;
	/** Why the key is left out, or what of it is. */
	readonly note?: string;
}

/** What the keys of a target come to. */
export interface KeysAnswer {
	/** In the order of the keys. */
	readonly endpoints: readonly Endpoint[];
	readonly notes: readonly string[];
}

/** Who is told of a target's keys. */
export interface KeysListener {
	answered(answer: KeysAnswer): void;
	failed(error: FingerpostError): void;
	/** How many keys it takes. */
	most(): number;
}

/** Keys that are named one by one in the notes. */
const MOST_NOTES = 50;
/** So long the values of a page are read at a time, in milliseconds. */
const SLICE_MS = 5;

/** The keys of a target, each read once a revision. */
export class EtcdKeys implements KeysObserver {
	readonly #target: string;
	readonly #prefix: string;
	readonly #told: KeysListener;
	#entries = new Map<string, Entry>();
	#next = new Map<string, Entry>();
	#answer: KeysAnswer | undefined;

	/** @param target its text, for the origin of the endpoints. */
	constructor(target: string, prefix: string, told: KeysListener) {
		this.#target = target;
		this.#prefix = prefix;
		this.#told = told;
	}

	get size(): number {
		return this.#entries.size;
	}

	/** What was told last; undefined before the first list. */
	get answer(): KeysAnswer | undefined {
		return this.#answer;
	}

	most(): number {
		return this.#told.most();
	}

	listing(): void {
		this.#next = new Map();
	}

	async page(keys: readonly KeyValue[]): Promise<void> {
		let since = performance.now();
		const next = this.#next;
		for (const each of keys) {
			const key = each.key.toString();
			next.set(key, this.#entryOf(key, each));
			if (performance.now() - since < SLICE_MS) continue;
			await turn();
			since = performance.now();
		}
	}

	listed(): void {
		this.take();
		this.#tell();
	}

	/** Takes over what was listed, and tells nobody yet. */
	take(): void {
		this.#entries = this.#next;
		this.#next = new Map();
	}

	changed(events: readonly WatchEvent[]): void {
		for (const { type, kv } of events) {
			if (!kv) continue;
			const key = kv.key.toString();
			if (type === "DELETE") this.#entries.delete(key);
			else this.#entries.set(key, this.#entryOf(key, kv));
		}
	}

	settled(): void {
		this.#tell();
	}

	confirmed(): void {
		if (this.#answer) this.#told.answered(this.#answer);
	}

	failed(error: FingerpostError): void {
		this.#told.failed(error);
	}

	#tell(): void {
		this.#answer = this.#combined();
		this.#told.answered(this.#answer);
	}

	#combined(): KeysAnswer {
		const endpoints: Endpoint[] = [];
		const notes: string[] = [];
		for (const { endpoint, note } of this.#entries.values()) {
			if (endpoint) endpoints.push(endpoint);
			if (note !== undefined) notes.push(note);
		}
		if (this.#entries.size === 0) return { endpoints, notes: [noKey(this.#prefix)] };
		notes.sort(compareText);
		const more = notes.length - MOST_NOTES;
		return {
			endpoints,
			notes: more > 0 ? [...notes.slice(0, MOST_NOTES), `${more} more keys have such notes`] : notes,
		};
	}

	#entryOf(key: string, { modRevision, value }: KeyValue): Entry {
		const before = this.#entries.get(key);
		if (before?.revision === modRevision) return before;
		const read = readEtcdValue(value);
		if (!("endpoint" in read)) return { revision: modRevision, note: `${key} is left out: ${read.problem}` };
		const origin = { target: this.#target, object: key, revision: String(modRevision), at: new Date() };
		return {
			revision: modRevision,
			endpoint: { ...read.endpoint, origin },
			...(read.note === undefined ? {} : { note: `${key}: ${read.note}` }),
		};
	}
}

/** A prefix without keys is an answer: nobody has registered there. */
export function noKey(prefix: string): string {
	return `there is no key that begins with ${JSON.stringify(prefix)}`;
}
