import { type FSWatcher, watch } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";

/**
 * Watches the folders through which a file can change: its own, and the one that it really lies in where symbolic links
 * lead there. Of a folder that does not exist (yet), the nearest one above it is watched.
 */
export class WatchedFolders {
	readonly #path: string;
	readonly #event: () => void;
	readonly #watchers = new Map<string, FSWatcher>();
	#closed = false;
	#error: Error | undefined;
	/** No symbolic link leads to the file: only events with its own name tell of it. */
	#direct = false;

	constructor(path: string, event: () => void) {
		this.#path = resolve(path);
		this.#event = event;
	}

	/** Watches what has to be watched now. Gives the error if the system refuses; it is tried again at the next call. */
	async follow(): Promise<Error | undefined> {
		const real = await realpath(this.#path).catch(() => undefined);
		const folder = dirname(this.#path);
		// Where the file is there, its folder is.
		const wanted = new Set(real === undefined ? [await nearestFolder(folder)] : [folder, dirname(real)]);
		if (this.#closed) return undefined;
		for (const [folder, watcher] of this.#watchers) {
			if (wanted.has(folder)) continue;
			watcher.close();
			this.#watchers.delete(folder);
		}
		this.#direct = real === this.#path;
		const late = this.#error;
		this.#error = undefined;
		for (const folder of wanted) if (!this.#watchers.has(folder)) this.#watch(folder);
		return this.#error ?? late;
	}

	/** Drops all watches, so that the next follow() makes them anew: that of a folder which was replaced is dead. */
	forget(): void {
		for (const watcher of this.#watchers.values()) watcher.close();
		this.#watchers.clear();
	}

	close(): void {
		this.#closed = true;
		this.forget();
	}

	#watch(folder: string): void {
		let watcher: FSWatcher;
		try {
			watcher = watch(folder);
		} catch (error) {
			this.#error = error as Error;
			return;
		}
		watcher.on("change", (_, name) => {
			// The folder's own name: it was moved or deleted, and this watch sees nothing more of what comes in its place.
			if (name === basename(folder)) this.#drop(folder, watcher);
			// So that one change in a folder of a thousand files is not a thousand looks.
			else if (this.#direct && name !== null && name !== basename(this.#path)) return;
			this.#event();
		});
		watcher.on("error", (error) => {
			// No event from here: what fails again and again is then tried at each poll, not at once each time.
			this.#error = error;
			this.#drop(folder, watcher);
		});
		this.#watchers.set(folder, watcher);
	}

	#drop(folder: string, watcher: FSWatcher): void {
		watcher.close();
		if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder);
	}
}

async function nearestFolder(folder: string): Promise<string> {
	for (let current = folder; ; current = dirname(current)) {
		const found = await stat(current).catch(() => undefined);
		if (found?.isDirectory() || current === dirname(current)) return current;
	}
}
