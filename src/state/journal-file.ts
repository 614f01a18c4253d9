import { join } from "node:path";
import { messageOf } from "../util/errors.js";
import type { Steps } from "../util/steps.js";
import { SYNCED } from "./disk.js";
import { type Damage, type FoundRecord, findRecords } from "./journal-record.js";
import type { StateDirectory } from "./state-directory.js";
import type { SetAside } from "./state-events.js";

/** A file of a journal. */
export class JournalFile {
	readonly #directory: StateDirectory;
	readonly #number: number;
	/** As far as it was read, or written without an error. */
	bytes = 0;
	/** There may be more: a part of what could not be written. */
	#isTorn = false;
	#isDamaged = false;

	constructor(directory: StateDirectory, number: number) {
		this.#directory = directory;
		this.#number = number;
	}

	/** Those of these names, the oldest first, and the number of the next one. That of one that was set aside is not used again. */
	static among(names: readonly string[], directory: StateDirectory): { files: JournalFile[]; next: number } {
		const numbers = names.flatMap((name) => numberOf(name) ?? []).sort((a, b) => a - b);
		const files = [...new Set(numbers)].map((number) => new JournalFile(directory, number));
		return { files: files.filter(({ name }) => names.includes(name)), next: 1 + (numbers.at(-1) ?? 0) };
	}

	get name(): string {
		return `${String(this.#number).padStart(8, "0")}.journal`;
	}

	get isDamaged(): boolean {
		return this.#isDamaged;
	}

	/** Its records, the last one first. @param told if something of it is damaged: it is the others. */
	*read(told: (file: SetAside) => void): Steps<readonly FoundRecord[]> {
		try {
			const bytes = this.#directory.disk.readFileSync(this.#path);
			this.bytes = Math.max(this.bytes, bytes.length);
			const { records, damage } = yield* findRecords(bytes);
			if (damage[0]) this.damaged(damage[0], told);
			return records.toReversed();
		} catch (error) {
			this.damaged({ at: 0, reason: messageOf(error) }, told);
			return [];
		}
	}

	/** It is to be set aside once what counts in it is written elsewhere. It is told once. */
	damaged({ at, reason }: Damage, told: (file: SetAside) => void): void {
		if (!this.#isDamaged) told({ file: this.name, reason: `at byte ${at}: ${reason}` });
		this.#isDamaged = true;
	}

	async create(): Promise<void> {
		(await this.#directory.disk.promises.open(this.#path, "w", 0o600)).close();
		await this.#directory.sync();
	}

	/** Writes at its end. It outlives a power cut. */
	async write(bytes: Buffer): Promise<void> {
		// Opened anew each time: it may have been taken away, and an open one would keep the disk from being made read-only.
		const opened = await this.#directory.disk.promises.open(this.#path, SYNCED);
		try {
			if (this.#isTorn) await opened.truncate(this.bytes);
			this.#isTorn = true;
			await opened.write(bytes, this.bytes);
			this.#isTorn = false;
			this.bytes += bytes.length;
		} finally {
			opened.close();
		}
	}

	/** Takes it away, or aside where it is damaged, for certain. */
	async remove(): Promise<void> {
		if (this.#isDamaged) this.#directory.setAside(this.name);
		await this.#directory.remove(this.name);
		await this.#directory.sync();
	}

	get #path(): string {
		return join(this.#directory.path, this.name);
	}
}

function numberOf(name: string): number | undefined {
	const found = /^(\d{8,15})\.journal(\.damaged)?$/.exec(name);
	return found ? Number(found[1]) : undefined;
}
