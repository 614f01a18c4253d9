/** The result of a search. */
export interface Verdict {
	/** What the client rejects. */
	readonly culprits: readonly string[];
	/** What it may reject too: the search ended before it was known. */
	readonly undecided: readonly string[];
}

/**
 * Finds out which of the resources of a rejected response the client rejects, by sending parts of
 * it: those that the client's text does not name, else halves. It ends after at most log2 n + 1
 * further responses, so that no client can keep the server busy; what is undecided then is not
 * sent. Pure: each ACK and NACK is passed in.
 */
export class CulpritSearch {
	readonly #culprits = new Set<string>();
	/** Among these is at least one culprit. */
	#suspects: ReadonlySet<string> = new Set();
	/** These are not suspected, but the client does not have them yet. */
	readonly #others = new Set<string>();
	#probe: Set<string> | undefined;
	/** The same as a list, once it was asked for. */
	#probeList: readonly string[] | undefined;
	/** A name of the probe in flight was forgotten since: a rejection may be for that one. */
	#tainted = false;
	#left: number;

	/**
	 * @param names what was in the rejected response, and is still as it was.
	 * @param named those of them that the client's text names.
	 * @param all how many there were in it; what has changed since may have been the culprit.
	 */
	constructor(names: readonly string[], named: readonly string[], all = names.length) {
		this.#left = Math.ceil(Math.log2(all)) + 1;
		if (all === names.length || named.length > 0) this.#accuse(names, named);
		else this.#addOthers(names);
	}

	/**
	 * The next part to send, the same until it is acknowledged; undefined once the search is over.
	 */
	get probe(): readonly string[] | undefined {
		const probe = this.#nextProbe();
		if (probe) this.#probeList ??= [...probe];
		return probe && this.#probeList;
	}

	/** Whether there is a next part. */
	get hasProbe(): boolean {
		return this.#nextProbe() !== undefined;
	}

	/** Whether the name is in the next part. */
	isProbed(name: string): boolean {
		return this.#nextProbe()?.has(name) === true;
	}

	get verdict(): Verdict {
		return { culprits: [...this.#culprits], undecided: [...this.#suspects, ...this.#others] };
	}

	/** The client has ACKed the probe. */
	accepted(): void {
		const probe = this.#answered();
		this.#suspects = without(this.#suspects, probe);
		for (const name of probe) this.#others.delete(name);
		if (this.#suspects.size === 1) this.#convict(this.#suspects);
	}

	/** The client has rejected the probe. @param named those that its text names this time. */
	rejected(named: readonly string[]): void {
		const tainted = this.#tainted;
		const probe = this.#answered();
		for (const name of probe) this.#others.delete(name);
		this.#addOthers(without(this.#suspects, probe));
		// Nobody is suspected now: forget() saw to that.
		if (tainted && named.length === 0) this.#addOthers(probe);
		else this.#accuse([...probe], named);
	}

	/** Nothing of the probe is left to send. */
	skipped(): void {
		this.#setProbe(undefined);
		this.#tainted = false;
	}

	/** The name is no longer a suspect: its content has changed, or the client does not want it. */
	forget(name: string): void {
		this.#culprits.delete(name);
		if (this.#probe?.delete(name)) {
			this.#probeList = undefined;
			this.#tainted = true;
		}
		this.#others.delete(name);
		if (!this.#suspects.has(name)) return;
		// It may have been the culprit among them.
		this.#addOthers(this.#suspects);
		this.#others.delete(name);
		this.#suspects = new Set();
	}

	#nextProbe(): ReadonlySet<string> | undefined {
		if (!this.#probe && this.#left > 0) {
			const { size } = this.#suspects;
			const next = new Set(size > 0 ? [...this.#suspects].slice(0, Math.ceil(size / 2)) : this.#others);
			if (next.size > 0) this.#setProbe(next);
		}
		return this.#probe;
	}

	#setProbe(probe: Set<string> | undefined): void {
		this.#probe = probe;
		this.#probeList = undefined;
	}

	#addOthers(names: Iterable<string>): void {
		for (const name of names) this.#others.add(name);
	}

	#answered(): ReadonlySet<string> {
		const probe = this.#probe ?? new Set();
		this.#setProbe(undefined);
		this.#tainted = false;
		this.#left--;
		return probe;
	}

	/** At least one of these is a culprit. A text that names all of them says nothing. */
	#accuse(names: readonly string[], named: readonly string[]): void {
		const accused = new Set(names);
		const told = new Set(named.filter((name) => accused.has(name)));
		if (told.size > 0 && told.size < accused.size) {
			this.#addOthers(without(accused, told));
			this.#convict(told);
		} else if (accused.size === 1) this.#convict(accused);
		else this.#suspects = accused;
	}

	#convict(names: Iterable<string>): void {
		for (const name of names) this.#culprits.add(name);
		this.#suspects = new Set();
	}
}

function without(names: ReadonlySet<string>, gone: ReadonlySet<string>): ReadonlySet<string> {
	return new Set([...names].filter((name) => !gone.has(name)));
}
