import type { SavedService } from "../catalog/keep/saved.js";
import { inSlices } from "../util/steps.js";
import type { Journal } from "./journal.js";
import { type EncodedRecord, encodeRecord } from "./journal-record.js";

/** Writing a service takes at most this part of the time. */
const SHARE = 100;
/** So many bytes are written, and synced, together. */
const BATCH = 256 * 1_024;

/** What is to be kept of a service, asked for when it is its turn. */
export type Task = readonly [name: string, saved: () => SavedService | undefined];

/** Writes services into a journal, many together, and knows which are still to be written. */
export class JournalWriter {
	/** Services that may be other than on disk. */
	readonly dirty = new Set<string>();
	readonly #journal: Journal;
	/** Of services that take long: not before that time. */
	readonly #notBefore = new Map<string, number>();

	constructor(journal: Journal) {
		this.#journal = journal;
	}

	/** Those whose turn it is. */
	due(): readonly string[] {
		const now = performance.now();
		return [...this.dirty].filter((name) => now >= (this.#notBefore.get(name) ?? 0));
	}

	/**
	 * Writes what is other than on disk. What is not written stays dirty.
	 * @param isNewest whether that is all that is known of them; else they stay dirty, if they are.
	 * @throws the first error: of a service, once the others are written.
	 */
	async write(tasks: readonly Task[], isOver: () => boolean, isNewest = true): Promise<void> {
		let failure: { readonly error: unknown } | undefined;
		let batch: EncodedRecord[] = [];
		let bytes = 0;
		for (const [name, saved] of tasks) {
			if (isOver()) break;
			// It may change while it is written.
			if (isNewest) this.dirty.delete(name);
			try {
				const record = await this.#encode(name, saved());
				if (this.#journal.has(record)) continue;
				batch.push(record);
				bytes += record.body.length;
			} catch (error) {
				if (isNewest) this.dirty.add(name);
				failure ??= { error };
			}
			if (bytes < BATCH) continue;
			await this.#append(batch, isNewest);
			[batch, bytes] = [[], 0];
		}
		await this.#append(batch, isNewest);
		if (failure) throw failure.error;
	}

	async #append(batch: readonly EncodedRecord[], isNewest: boolean): Promise<void> {
		try {
			await this.#journal.append(batch);
		} catch (error) {
			if (isNewest) for (const { name } of batch) this.dirty.add(name);
			throw error;
		}
	}

	async #encode(name: string, service: SavedService | undefined): Promise<EncodedRecord> {
		const begun = performance.now();
		const record = await inSlices(encodeRecord(name, service));
		const spent = performance.now() - begun;
		if (spent > 5) this.#notBefore.set(name, performance.now() + spent * SHARE);
		else this.#notBefore.delete(name);
		return record;
	}
}
