import type { Removal } from "../rules/removals.js";

/** The names that a client is still to be told of. */
export class Debts {
	/** What changed or was asked for. */
	readonly pending = new Set<string>();
	/**
	 * Names that are sent even if the client has the version (R10, R17, R29, R34). A name that is
	 * awaited stays here until something is known of it.
	 */
	readonly forced = new Set<string>();
	/** What is gone, and how the client is told. It goes after all that is pending (R18). */
	readonly leaving = new Map<string, Removal>();
	/** A response is owed, if only an empty one (R19, R46). */
	responseDue = false;
	/** When the oldest change was made that is still to be sent. */
	#since: number | undefined;

	/** Whether there is something to send. */
	get areDue(): boolean {
		return this.responseDue || this.#hasNames;
	}

	/** Whether there is nothing to send, now or once it is known. */
	get areNone(): boolean {
		return !this.areDue && this.forced.size === 0 && this.#since === undefined;
	}

	changed(name: string, at: number): void {
		this.#since ??= at;
		this.leaving.delete(name);
		this.pending.add(name);
	}

	force(name: string): void {
		this.leaving.delete(name);
		this.pending.add(name);
		this.forced.add(name);
	}

	cancel(name: string): void {
		this.pending.delete(name);
		this.forced.delete(name);
		this.leaving.delete(name);
		this.takeSince();
	}

	/** The time of the oldest change, kept while something is left to send. */
	takeSince(): number | undefined {
		const since = this.#since;
		if (!this.#hasNames) this.#since = undefined;
		return since;
	}

	/** All names that something is owed of. */
	names(): Iterable<string> {
		return new Set([...this.pending, ...this.forced, ...this.leaving.keys()]);
	}

	clear(): void {
		for (const collection of [this.pending, this.forced, this.leaving]) collection.clear();
		this.#since = undefined;
	}

	get #hasNames(): boolean {
		return this.pending.size > 0 || this.leaving.size > 0;
	}
}
