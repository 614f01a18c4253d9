import type { SavedService } from "../catalog/keep/saved.js";
import { FingerpostError, messageOf } from "../util/errors.js";
import { inSlices } from "../util/steps.js";
import { pause } from "../util/time-limit.js";
import { MACHINE } from "./disk.js";
import { ALIVE_MS, type SetAside, StateDirectory } from "./state-directory.js";
import { encodeState } from "./state-format.js";
import { together } from "./together.js";

/** What is told of the state on disk. */
export interface StateEvents {
	/** A file could not be used. */
	setAside(file: SetAside): void;
	/** It cannot be written, or not be read; told once until it can be again. */
	failed(error: Error): void;
	recovered(): void;
}

/** Milliseconds; tests have others. */
export interface StateTimes {
	/** Changes of so long are written together. */
	readonly quiet: number;
	/** After a failure it is tried again. */
	readonly retry: number;
}

const TIMES: StateTimes = { quiet: 100, retry: 30_000 };
/** How long the last writing may take when it ends. */
const LAST_MS = 2_000;
/** Writing a service takes at most this part of the time. */
const SHARE = 100;
/** So many files are written and synced at the same time: the disk does several together. Others need the pool's threads. */
const WRITERS = 3;
/** After so many files their names are synced. */
const BATCH = 256;
/** What was read is on disk already: the start goes first, for so many times as long as changes wait otherwise. */
const START = 10;

/** What is to be kept of a service, asked for when it is its turn. */
type Task = readonly [name: string, saved: () => SavedService | undefined];

/** Keeps what is known of services on disk, a moment after it changes. */
export class StateKeeper {
	readonly #directory: StateDirectory;
	readonly #events: StateEvents;
	readonly #times: StateTimes;
	readonly #saved: (name: string) => SavedService | undefined;
	#dirty = new Set<string>();
	/** The hash of what is on disk of each service, so that what stays the same is not written again. */
	readonly #written = new Map<string, string>();
	/** What has its new file, or none, but not yet for certain after a power cut. */
	readonly #unsynced = new Set<string>();
	/** Of services that take long: not before that time. */
	readonly #notBefore = new Map<string, number>();
	#timer: NodeJS.Timeout | undefined;
	#alive: NodeJS.Timeout | undefined;
	/** Nothing is written before that time. */
	#begin = 0;
	#working: Promise<void> | undefined;
	#touching: Promise<void> | undefined;
	#failing = false;
	#stopped = false;

	/** @param saved what is to be kept of a service; undefined for one of which nothing is. */
	constructor(
		directory: string,
		saved: (name: string) => SavedService | undefined,
		events: StateEvents,
		times: Partial<StateTimes> = {},
		disk = MACHINE,
	) {
		this.#directory = new StateDirectory(directory, disk);
		this.#saved = saved;
		this.#events = events;
		this.#times = { ...TIMES, ...times };
	}

	/**
	 * Takes the directory and reads what is there. A disk that cannot be written or read is told, and no error.
	 * @throws FingerpostError STATE_IN_USE if another process has it; the signal's reason.
	 */
	async open(signal?: AbortSignal): Promise<readonly SavedService[]> {
		this.#try(() => this.#directory.lock());
		let services: readonly SavedService[] = [];
		try {
			const found = await inSlices(
				this.#directory.load((file) => this.#events.setAside(file)),
				signal,
			);
			services = found.map(({ service }) => service);
			// Where it has no lock, another process may write.
			if (this.#directory.isLocked) for (const { service, hash } of found) this.#written.set(service.name, hash);
			if (found.length > 0) this.#begin = performance.now() + START * this.#times.quiet;
		} catch (error) {
			if (signal?.aborted) this.#directory.unlock();
			signal?.throwIfAborted();
			this.#fail(error);
		}
		await this.#touch();
		this.#alive = setInterval(() => void this.#touch(), ALIVE_MS).unref();
		return services;
	}

	/** These services are other ones, or the same and more is known of them. */
	changed(names: Iterable<string>): void {
		if (this.#stopped) return;
		for (const name of names) this.#dirty.add(name);
		if (!this.#timer && !this.#working) this.#writeSoon();
	}

	/** Writes what is not written yet, in at most 2 s, and lets the directory go. What is saved is asked for at once. */
	async stop(): Promise<void> {
		this.#stopped = true;
		clearTimeout(this.#timer);
		clearInterval(this.#alive);
		const last = [...this.#dirty].map((name) => [name, this.#saved(name)] as const);
		const tasks = last.map(([name, service]): Task => [name, () => service]);
		const end = new AbortController();
		const write = async () => {
			await this.#working;
			// What another process may have is not written.
			if (!this.#directory.isLocked) return;
			const failure = await this.#writeEach(tasks, () => end.signal.aborted);
			if (end.signal.aborted) return;
			await this.#touch();
			await this.#sync();
			if (failure) throw failure.error;
		};
		try {
			await Promise.race([write(), pause(LAST_MS, end.signal).catch(() => {})]);
		} catch (error) {
			this.#fail(error);
		}
		end.abort();
		this.#try(() => this.#directory.unlock());
	}

	#writeSoon(): void {
		const { quiet, retry } = this.#times;
		this.#writeIn(this.#failing ? retry : Math.max(quiet, this.#begin - performance.now()));
	}

	#writeIn(ms: number): void {
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.#working = this.#writeAll().finally(() => {
				this.#working = undefined;
				if ((this.#dirty.size > 0 || this.#failing) && !this.#stopped) this.#writeSoon();
			});
		}, ms);
	}

	async #writeAll(): Promise<void> {
		try {
			// It may have been full, or read-only, at the start.
			this.#directory.lock();
			const now = performance.now();
			const tasks = [...this.#dirty]
				.filter((name) => now >= (this.#notBefore.get(name) ?? 0))
				.map((name): Task => [name, () => this.#saved(name)]);
			let from = 0;
			do {
				const failure = await this.#writeEach(tasks.slice(from, from + BATCH), () => this.#stopped);
				if (this.#stopped) return;
				if (this.#unsynced.size > 0 || this.#failing) await this.#sync();
				if (failure) throw failure.error;
				from += BATCH;
			} while (from < tasks.length);
			if (this.#failing) this.#events.recovered();
			this.#failing = false;
		} catch (error) {
			this.#fail(error);
		}
	}

	/** Each is of another service, so that nothing writes a file at the same time. @returns why one could not be written. */
	async #writeEach(tasks: readonly Task[], isOver: () => boolean): Promise<{ readonly error: unknown } | undefined> {
		let failure: { readonly error: unknown } | undefined;
		await together(tasks, WRITERS, async ([name, saved]) => {
			if (failure || isOver()) return;
			// It may change while it is written.
			this.#dirty.delete(name);
			try {
				await this.#write(name, saved());
			} catch (error) {
				this.#dirty.add(name);
				failure ??= { error };
			}
		});
		return failure;
	}

	/** What could not be synced is written again: nobody knows what of it is there. */
	async #sync(): Promise<void> {
		try {
			await this.#directory.sync();
		} catch (error) {
			for (const name of this.#unsynced) {
				this.#written.delete(name);
				this.#dirty.add(name);
			}
			throw error;
		}
		this.#unsynced.clear();
	}

	async #write(name: string, service: SavedService | undefined): Promise<void> {
		if (!service) {
			this.#unsynced.add(name);
			this.#written.delete(name);
			this.#notBefore.delete(name);
			await this.#directory.remove(name);
			return;
		}
		const begun = performance.now();
		const { text, hash } = await inSlices(encodeState(service));
		const spent = performance.now() - begun;
		if (spent > 5) this.#notBefore.set(name, performance.now() + spent * SHARE);
		if (this.#written.get(name) === hash) return;
		this.#unsynced.add(name);
		await this.#directory.write(name, text);
		this.#written.set(name, hash);
	}

	/** Never while it still waits for the last time: a disk may hang. */
	async #touch(): Promise<void> {
		if (!this.#directory.isLocked) return;
		this.#touching ??= this.#directory.touch().finally(() => {
			this.#touching = undefined;
		});
		await this.#touching.catch((error) => this.#fail(error));
	}

	#try(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (error instanceof FingerpostError) throw error;
			this.#fail(error);
		}
	}

	#fail(error: unknown): void {
		if (this.#failing) return;
		this.#failing = true;
		if (!this.#timer && !this.#working && !this.#stopped) this.#writeIn(this.#times.retry);
		this.#events.failed(error instanceof Error ? error : new Error(messageOf(error)));
	}
}
