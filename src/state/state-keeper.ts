import type { SavedService } from "../catalog/keep/saved.js";
import { FingerpostError, messageOf } from "../util/errors.js";
import { inSlices } from "../util/steps.js";
import { pause } from "../util/time-limit.js";
import { MACHINE } from "./disk.js";
import { readFirstFiles, removeFirstFiles } from "./first-files.js";
import { Journal, type JournalSizes } from "./journal.js";
import { JournalWriter, type Task } from "./journal-writer.js";
import { ALIVE_MS, StateDirectory } from "./state-directory.js";
import type { SetAside, StateEvents } from "./state-events.js";

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
/** What was read is on disk already: the start goes first, for so many times as long as changes wait otherwise. */
const START = 10;

/** Keeps what is known of services on disk, a moment after it changes. */
export class StateKeeper {
	readonly #directory: StateDirectory;
	readonly #journal: Journal;
	readonly #writer: JournalWriter;
	readonly #events: StateEvents;
	readonly #times: StateTimes;
	readonly #saved: (name: string) => SavedService | undefined;
	/** What the files of former versions say: it is in the journal, and they are gone, before anything newer is written. */
	#first: ReadonlyMap<string, SavedService> = new Map();
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
		times: Partial<StateTimes & JournalSizes> = {},
		disk = MACHINE,
	) {
		this.#directory = new StateDirectory(directory, disk);
		this.#journal = new Journal(this.#directory, times);
		this.#writer = new JournalWriter(this.#journal);
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
			services = await this.#load(signal);
			if (services.length > 0) this.#begin = performance.now() + START * this.#times.quiet;
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
		for (const name of names) this.#writer.dirty.add(name);
		if (!this.#timer && !this.#working) this.#writeSoon();
	}

	/**
	 * Writes what is not written yet, in at most 2 s, and lets the directory go. What is saved is asked for at once.
	 * @param others who write into the directory, too.
	 */
	async stop(others?: Promise<unknown>): Promise<void> {
		this.#stopped = true;
		clearTimeout(this.#timer);
		clearInterval(this.#alive);
		const last = [...this.#writer.dirty].map((name) => [name, this.#saved(name)] as const);
		const tasks = last.map(([name, service]): Task => [name, () => service]);
		const end = new AbortController();
		const write = async () => {
			await this.#working;
			// What another process may have is not written.
			if (!this.#directory.isLocked) return;
			const isOver = () => end.signal.aborted;
			await this.#makeReady(isOver);
			await this.#writer.write(tasks, isOver);
			if (!isOver()) await this.#touch();
		};
		try {
			await Promise.race([write(), pause(LAST_MS, end.signal).catch(() => {})]);
		} catch (error) {
			this.#fail(error);
		}
		end.abort();
		await others;
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
				if ((this.#writer.dirty.size > 0 || this.#failing) && !this.#stopped) this.#writeSoon();
			});
		}, ms);
	}

	async #writeAll(): Promise<void> {
		const isOver = () => this.#stopped;
		try {
			// It may have been full, or read-only, at the start, or been taken away.
			if (!this.#journal.isKnown) this.#directory.lock();
			await this.#makeReady(isOver);
			const tasks = this.#writer.due().map((name): Task => [name, () => this.#saved(name)]);
			await this.#writer.write(tasks, isOver);
			while (this.#journal.isTooLong && !this.#stopped) {
				const lost = await this.#journal.shorten((file) => this.#events.setAside(file));
				for (const name of lost) this.#writer.dirty.add(name);
			}
			if (this.#stopped) return;
			if (this.#failing) this.#events.recovered();
			this.#failing = false;
		} catch (error) {
			// Its file was taken away.
			if ((error as NodeJS.ErrnoException).code === "ENOENT") this.#journal.forget();
			this.#fail(error);
		}
	}

	/** Reads what is on disk. */
	async #load(signal?: AbortSignal): Promise<readonly SavedService[]> {
		const told = (file: SetAside) => this.#events.setAside(file);
		const first = await inSlices(readFirstFiles(this.#directory, told), signal);
		const services = await inSlices(this.#journal.load(told), signal);
		this.#first = first;
		return [...first.values(), ...services.filter(({ name }) => !first.has(name))];
	}

	/** From then on the journal alone says what is on disk, unless it is over before. */
	async #makeReady(isOver: () => boolean): Promise<void> {
		if (!this.#journal.isKnown) {
			const before = [...this.#journal.names()];
			await this.#load();
			// It was taken away.
			const now = new Set([...this.#journal.names(), ...this.#first.keys()]);
			for (const name of before) if (!now.has(name)) this.#writer.dirty.add(name);
		}
		if (this.#first.size === 0) return;
		const tasks = [...this.#first].map(([name, service]): Task => [name, () => service]);
		await this.#writer.write(tasks, isOver, false);
		await removeFirstFiles(this.#directory, this.#first.keys(), isOver);
		if (isOver()) return;
		this.#first = new Map();
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
