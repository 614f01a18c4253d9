import type { Arrival } from "./arrival.js";
import type { Load, LoadOptions } from "./load.js";
import { Subscriber, type SubscriberOptions } from "./subscriber.js";

interface Waiting {
	readonly streams: Set<Subscriber>;
	first: number;
	last: number;
	readonly done: () => void;
}

type NewStream = Pick<SubscriberOptions, "port" | "mode" | "id" | "group" | "names"> &
	Pick<LoadOptions, "tls" | "zone">;

const CONNECTING_AT_ONCE = 50;
const LIMIT_MS = 30_000;
const AGAIN_MS = 1_000;

/** Many subscribers in this process. */
export class Crowd implements Load {
	readonly #subscribers = new Set<Subscriber>();
	readonly pushes = new Map<number, Buffer>();
	/** How often one was turned away before its first answer, and tried again. */
	turnedAway = 0;
	#waiting: Waiting | undefined;
	#unexpected = 0;
	#fail!: (error: Error) => void;
	readonly #failed: Promise<never>;

	private constructor() {
		this.#failed = new Promise((_, reject) => {
			this.#fail = reject;
		});
		this.#failed.catch(() => {});
	}

	/** Connects all, some at a time, and waits until each has its first answer. */
	static async connect(options: LoadOptions): Promise<Crowd> {
		const { port, mode, groups, tls, zone, atOnce = CONNECTING_AT_ONCE, patient = false, limitMs = LIMIT_MS } = options;
		const crowd = new Crowd();
		const streams = groups.flatMap(({ id: group, streams, names }) =>
			Array.from({ length: streams }, () => ({ group, names })),
		);
		const left = streams.entries();
		const connectSome = async () => {
			for (const [id, { group, names }] of left) {
				const options = { port, mode, id, group, names, tls, zone };
				while (!(await crowd.#add(options, patient))) {
					crowd.turnedAway++;
					await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
				}
			}
		};
		try {
			await crowd.#within(
				"all streams are answered",
				Promise.all(Array.from({ length: atOnce }, connectSome)),
				limitMs,
			);
		} catch (error) {
			crowd.#close();
			throw error;
		}
		return crowd;
	}

	/** What came unasked so far had its reason. */
	forgetPushes(): void {
		this.#unexpected = 0;
	}

	/** @returns false for one that was turned away before its first answer, where that is to be borne. */
	async #add({ tls, zone, ...options }: NewStream, patient: boolean): Promise<boolean> {
		let isReady = false;
		const { promise, resolve } = Promise.withResolvers<boolean>();
		const subscriber = new Subscriber({
			...options,
			onPush: (from, bytes) => this.#pushed(from, bytes),
			onFailed: (error) => (patient && !isReady ? resolve(false) : this.#fail(error)),
			tls: tls?.(options.id),
			zone: zone?.(options.id),
		});
		void subscriber.ready.then(() => {
			isReady = true;
			resolve(true);
		});
		this.#subscribers.add(subscriber);
		const isThere = await promise;
		if (!isThere) this.#subscribers.delete(subscriber);
		return isThere;
	}

	get initial(): ReadonlyMap<number, readonly Buffer[]> {
		return new Map([...this.#subscribers].map(({ group, initial }) => [group, initial]));
	}

	/** Of this process, which is more than the load. */
	cpuMicros(): number {
		const { user, system } = process.cpuUsage();
		return user + system;
	}

	async arrival(group: number, change: () => number | Promise<number>): Promise<Arrival> {
		if (this.#unexpected > 0) throw new Error(`${this.#unexpected} pushes came that no change explains`);
		const streams = new Set([...this.#subscribers].filter((subscriber) => subscriber.group === group));
		const { promise: all, resolve: done } = Promise.withResolvers<void>();
		const waiting: Waiting = { streams, first: 0, last: 0, done };
		this.#waiting = waiting;
		const at = await change();
		await this.#within("the change has reached its streams", all);
		this.#waiting = undefined;
		return { first: waiting.first - at, last: waiting.last - at };
	}

	#pushed(from: Subscriber, bytes: Buffer): void {
		const waiting = this.#waiting;
		if (!waiting?.streams.delete(from)) {
			this.#unexpected++;
			return;
		}
		const now = performance.now();
		if (waiting.first === 0) {
			waiting.first = now;
			this.pushes.set(from.group, Buffer.from(bytes));
		}
		waiting.last = now;
		if (waiting.streams.size === 0) waiting.done();
	}

	async #within(what: string, work: Promise<unknown>, limitMs = LIMIT_MS): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms in vain until ${what}`)), limitMs);
		});
		try {
			await Promise.race([work, late, this.#failed]);
		} finally {
			clearTimeout(timer);
		}
	}

	#close(): void {
		for (const subscriber of this.#subscribers) subscriber.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#close();
	}
}
