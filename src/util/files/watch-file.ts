import { basename } from "node:path";
import { messageOf } from "../errors.js";
import { fileStamp, readTextFile, type TextFile } from "./read-text-file.js";
import { WatchedFolders } from "./watched-folders.js";

export interface FileObserver {
	/**
	 * The text differs from the one told last, or the file can be read again after a failure. What happens next is told
	 * once it has resolved; it never rejects.
	 */
	changed(file: TextFile): void | Promise<void>;
	/** The file is missing or cannot be read; told once until that changes. */
	failed(error: Error): void;
	/**
	 * The system does not tell of changes (it is out of watches, say): they are seen by looking every 2 s instead. Told
	 * once, and once more with undefined when it tells of them again.
	 */
	blind?(error: Error | undefined): void;
}

export interface WatchFileOptions {
	/** The largest file that is read, in bytes; 16 MiB. A larger one is a failure. */
	readonly maxBytes?: number | undefined;
	/** Frees everything. Afterwards nothing is told. */
	readonly signal: AbortSignal;
	/** The text that is known already: it is not told again. */
	readonly known?: (content: string) => boolean;
	/** Milliseconds without an event before the file is read; 20. */
	readonly quiet?: number;
	/** Milliseconds after which it is read even if events keep coming; 500. */
	readonly atMost?: number;
	/** Milliseconds between looks at the file where no event comes; 2000. */
	readonly poll?: number;
}

/**
 * Tells a file's text now and whenever it becomes another: after a rename over it, a rewrite in place, the swap of a
 * symbolic link on the way to it, its deletion and return. Nothing is thrown: what fails is told and tried again.
 */
export function watchFile(path: string, observer: FileObserver, options: WatchFileOptions): void {
	if (!options.signal.aborted) new FileWatch(path, observer, options).start();
}

class FileWatch {
	readonly #path: string;
	readonly #observer: FileObserver;
	readonly #options: Required<Omit<WatchFileOptions, "known" | "maxBytes">> & Pick<WatchFileOptions, "maxBytes">;
	readonly #folders: WatchedFolders;
	#known: ((content: string) => boolean) | undefined;
	#content: string | undefined;
	#failure: string | undefined;
	#blind: string | undefined;
	/** Of the file as it was read last. While the file has it, it need not be read. */
	#stamp: string | undefined;
	#timer: NodeJS.Timeout | undefined;
	#poll: NodeJS.Timeout | undefined;
	/** When the oldest event came that no look has followed yet. */
	#waitingSince: number | undefined;
	#looking = false;

	constructor(path: string, observer: FileObserver, options: WatchFileOptions) {
		this.#path = path;
		this.#observer = observer;
		this.#known = options.known;
		const { signal, maxBytes, quiet = 20, atMost = 500, poll = 2_000 } = options;
		this.#options = { signal, maxBytes, quiet, atMost, poll };
		this.#folders = new WatchedFolders(path, () => this.#event());
	}

	start(): void {
		const { signal, poll } = this.#options;
		this.#poll = setInterval(() => this.#lookSoon(0), poll).unref();
		signal.addEventListener("abort", () => this.#stop(), { once: true });
		this.#lookSoon(0);
	}

	#stop(): void {
		clearTimeout(this.#timer);
		clearInterval(this.#poll);
		this.#folders.close();
	}

	#event(): void {
		const now = performance.now();
		this.#waitingSince ??= now;
		const left = this.#waitingSince + this.#options.atMost - now;
		this.#lookSoon(Math.max(0, Math.min(this.#options.quiet, left)));
	}

	#lookSoon(delay: number): void {
		if (this.#options.signal.aborted) return;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.#look(), delay);
	}

	/** Never rejects. */
	async #look(): Promise<void> {
		// While a look is under way the events are kept: another follows it.
		if (this.#looking) {
			this.#waitingSince ??= performance.now();
			return;
		}
		this.#looking = true;
		this.#waitingSince = undefined;
		try {
			// First the watches, then the file: what changes after it was read brings an event.
			this.#tellBlind(await this.#folders.follow());
			await this.#read();
		} catch (error) {
			if (this.#options.signal.aborted) return;
			this.#stamp = undefined;
			// The folder may be gone, and its watches with it.
			this.#folders.forget();
			this.#tellBlind(await this.#folders.follow());
			this.#fail(error instanceof Error ? error : new Error(messageOf(error)));
		} finally {
			this.#looking = false;
		}
		if (this.#waitingSince !== undefined) this.#event();
	}

	async #read(): Promise<void> {
		const { signal, maxBytes } = this.#options;
		if (this.#stamp !== undefined && (await fileStamp(this.#path)) === this.#stamp) return;
		const file = await readTextFile(this.#path, { signal, maxBytes });
		if (signal.aborted) return;
		this.#stamp = file.stamp;
		const same = this.#known ? this.#known(file.content) : this.#content === file.content;
		if (same && this.#failure === undefined) return;
		this.#known = undefined;
		this.#content = file.content;
		this.#failure = undefined;
		await this.#observer.changed(file);
	}

	#fail(error: Error): void {
		if (this.#options.signal.aborted || this.#failure === error.message) return;
		this.#failure = error.message;
		this.#observer.failed(error);
	}

	#tellBlind(error: Error | undefined): void {
		if (this.#options.signal.aborted) {
			this.#folders.close();
			return;
		}
		if (!error && this.#blind !== undefined) this.#observer.blind?.(undefined);
		if (error && this.#blind !== error.message) {
			const reason = `no events for ${basename(this.#path)}: ${error.message}; it is looked at every ${this.#options.poll} ms`;
			this.#observer.blind?.(new Error(reason, { cause: error }));
		}
		this.#blind = error?.message;
	}
}
