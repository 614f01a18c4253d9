import { EventReader } from "./event-reader.js";

/** What is told: services and clients as they are now, and what happened to them. */
export const EVENT_KINDS = ["services", "clients", "changes", "nacks"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** A change of a service's endpoints. Where there are many they are counted. */
export interface ChangeEvent {
	readonly at: string;
	readonly service: string;
	/** `service changed`, as the log says it. */
	readonly what: string;
	readonly endpoints: number;
	readonly added: readonly string[] | number;
	readonly removed: readonly string[] | number;
	/** `127.0.0.1:8082 weight 50 -> 0` */
	readonly changed: readonly string[] | number;
}

/** A client rejected a response. */
export interface NackEvent {
	readonly at: string;
	readonly node: string;
	readonly stream: number;
	readonly type: string;
	readonly version: string;
	readonly resources: readonly string[];
	readonly error: string;
}

/** More readers than this at a time are refused. */
export const MAX_READERS = 16;

/** Tells readers what changes. Without readers it costs nothing. */
export class EventHub {
	readonly #readers = new Set<EventReader>();
	#closed = false;

	/** Whether anybody is to be told of this. */
	wants(kind: EventKind): boolean {
		for (const reader of this.#readers) if (reader.wants(kind)) return true;
		return false;
	}

	/** @returns undefined where there are as many readers as may be. */
	open(kinds: readonly EventKind[]): EventReader | undefined {
		if (this.#readers.size >= MAX_READERS || this.#closed) return undefined;
		const reader: EventReader = new EventReader(kinds, () => this.#readers.delete(reader));
		this.#readers.add(reader);
		return reader;
	}

	/** The service is another one now, or gone. */
	service(name: string): void {
		for (const reader of this.#readers) reader.service(name);
	}

	/** The client has come, gone, or has another state. @param stream its number */
	client(stream: number): void {
		for (const reader of this.#readers) reader.client(stream);
	}

	change(event: ChangeEvent): void {
		this.#happened("changes", event);
	}

	nack(event: NackEvent): void {
		this.#happened("nacks", event);
	}

	/** Ends all readers; there are none from then on. */
	close(): void {
		this.#closed = true;
		for (const reader of [...this.#readers]) reader.close();
	}

	#happened(kind: "changes" | "nacks", event: object): void {
		if (!this.wants(kind)) return;
		const text = JSON.stringify(event);
		for (const reader of this.#readers) reader.happened(kind, text);
	}
}
