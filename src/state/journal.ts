import type { SavedService } from "../catalog/keep/saved.js";
import { messageOf } from "../util/errors.js";
import { inSlices, type Steps } from "../util/steps.js";
import { JournalFile } from "./journal-file.js";
import { decodeRecord, type EncodedRecord, joinRecords } from "./journal-record.js";
import type { StateDirectory } from "./state-directory.js";
import type { SetAside } from "./state-events.js";

/** Bytes; tests have others. */
export interface JournalSizes {
	/** A file that has so many is not written to any more. */
	readonly file: number;
	/** What a file counts at least, so that there are few of them. */
	readonly least: number;
	/** So much of all files may be out of date, or as much as is not. */
	readonly spare: number;
}

const SIZES: JournalSizes = { file: 512 * 1_024, least: 64 * 1_024, spare: 1_024 * 1_024 };

/** The newest record of a service. */
interface Kept {
	/** Undefined where a newer one may be there, or not: it could not be written. */
	readonly hash: string | undefined;
	readonly length: number;
	readonly file: JournalFile;
	readonly isGone: boolean;
}

/**
 * Files with records of services: of each service the last one counts. Only the newest file is written to, at its end; the
 * oldest goes when what counts in it has been written again.
 */
export class Journal {
	readonly #directory: StateDirectory;
	readonly #sizes: JournalSizes;
	readonly #kept = new Map<string, Kept>();
	/** The oldest first. */
	#files: JournalFile[] = [];
	/** The last of them, where this process began it and it is not full. */
	#open: JournalFile | undefined;
	#next = 1;
	/** Bytes of the records that count. */
	#counting = 0;
	#isKnown = false;

	constructor(directory: StateDirectory, sizes: Partial<JournalSizes> = {}) {
		this.#directory = directory;
		this.#sizes = { ...SIZES, ...sizes };
	}

	/** Whether load() has read what is there since nobody else can write it. */
	get isKnown(): boolean {
		return this.#isKnown;
	}

	/** The next load() reads what is there then. */
	forget(): void {
		this.#isKnown = false;
	}

	/** Services of which there is a record, and some of those that are gone. */
	names(): Iterable<string> {
		return this.#kept.keys();
	}

	/** Whether it says this of the service for certain; it says nothing of one that never was there. */
	has({ name, hash, isGone }: EncodedRecord): boolean {
		const kept = this.#kept.get(name);
		return kept ? kept.hash === hash : isGone;
	}

	/**
	 * Reads what is there.
	 * @param told of each file of which something is damaged.
	 * @throws what the file system says of the directory.
	 */
	*load(told: (file: SetAside) => void): Steps<readonly SavedService[]> {
		const { disk, path, isLocked } = this.#directory;
		const { files, next } = JournalFile.among(disk.readdirSync(path), this.#directory);
		this.#kept.clear();
		[this.#files, this.#open, this.#next, this.#counting] = [files, undefined, next, 0];
		const services: SavedService[] = [];
		for (const file of files.toReversed()) {
			const lastHeard = this.#directory.lastHeard(file.name);
			for (const record of yield* file.read(told)) {
				const { name, sha256: hash } = record.head;
				if (this.#kept.has(name)) continue;
				try {
					const service = yield* decodeRecord(record, lastHeard);
					this.#keep(name, { hash, length: record.length, file, isGone: !service });
					if (service) services.push(service);
				} catch (error) {
					file.damaged({ at: record.at, reason: messageOf(error) }, told);
				}
				yield;
			}
		}
		this.#isKnown = isLocked;
		return services;
	}

	/** Writes records behind the others. They outlive a power cut from then on; of those that fail, nobody knows. */
	async append(records: readonly EncodedRecord[]): Promise<void> {
		if (records.length === 0) return;
		this.#open ??= await this.#begin();
		const file = this.#open;
		const { bytes, lengths } = joinRecords(records);
		try {
			await file.write(bytes);
		} catch (error) {
			for (const { name, isGone } of records) {
				const before = this.#kept.get(name) ?? { length: 0, file, isGone };
				this.#keep(name, { ...before, hash: undefined });
			}
			throw error;
		}
		for (const [i, { name, hash, isGone }] of records.entries()) {
			this.#keep(name, { hash, length: lengths[i] as number, file, isGone });
		}
		if (file.bytes >= this.#sizes.file) this.#open = undefined;
	}

	/** Whether the oldest file is to go: too much is out of date, or it, or a later one, is damaged. */
	get isTooLong(): boolean {
		const { least, spare } = this.#sizes;
		let all = 0;
		for (const { bytes, isDamaged } of this.#files) {
			if (isDamaged) return true;
			all += Math.max(bytes, least);
		}
		return this.#files.length > 1 && all > this.#counting + Math.max(this.#counting, spare);
	}

	/**
	 * Writes what counts in the oldest file once more, and takes that file away. What says that a service is gone does not
	 * count there: no file has anything else of it.
	 * @param told if something of it is damaged.
	 * @returns services of which nothing is kept any more because it is.
	 */
	async shorten(told: (file: SetAside) => void): Promise<readonly string[]> {
		const [oldest] = this.#files;
		if (!oldest) return [];
		const again = new Map<string, EncodedRecord>();
		for (const { head, body } of await inSlices(oldest.read(told))) {
			const { name, sha256: hash, format } = head;
			const kept = this.#kept.get(name);
			if (kept?.file !== oldest || kept.isGone || again.has(name)) continue;
			again.set(name, { name, body, hash, format, isGone: false });
		}
		await this.append([...again.values()]);
		await oldest.remove();
		this.#files.shift();
		const lost: string[] = [];
		for (const [name, { file, isGone, length, hash }] of this.#kept) {
			// What could not be written may be there all the same.
			if (file !== oldest || (isGone && hash === undefined)) continue;
			this.#kept.delete(name);
			if (isGone) continue;
			this.#counting -= length;
			lost.push(name);
		}
		return lost;
	}

	async #begin(): Promise<JournalFile> {
		const file = new JournalFile(this.#directory, this.#next);
		await file.create();
		this.#next++;
		this.#files.push(file);
		return file;
	}

	#keep(name: string, kept: Kept): void {
		const before = this.#kept.get(name);
		if (before && !before.isGone) this.#counting -= before.length;
		if (!kept.isGone) this.#counting += kept.length;
		this.#kept.set(name, kept);
	}
}
