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
	readonly #culprits: string[] = [];
	/** Among these is at least one culprit. */
	#suspects: readonly string[] = [];
	/** These are not suspected, but the client does not have them yet. */
	#others: readonly string[] = [];
	#probe: readonly string[] | undefined;
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
		else this.#others = names;
	}

	/**
	 * The next part to send, the same until it is acknowledged; undefined once the search is over.
	 */
	get probe(): readonly string[] | undefined {
		if (!this.#probe && this.#left > 0) {
			const next =
				this.#suspects.length > 0 ? this.#suspects.slice(0, Math.ceil(this.#suspects.length / 2)) : this.#others;
			if (next.length > 0) this.#probe = next;
		}
		return this.#probe;
	}

	get verdict(): Verdict {
		return { culprits: this.#culprits, undecided: [...this.#suspects, ...this.#others] };
	}

	/** The client has ACKed the probe. */
	accepted(): void {
		const probe = this.#answered();
		this.#suspects = without(this.#suspects, probe);
		this.#others = without(this.#others, probe);
		if (this.#suspects.length === 1) this.#convict(this.#suspects);
	}

	/** The client has rejected the probe. @param named those that its text names this time. */
	rejected(named: readonly string[]): void {
		const tainted = this.#tainted;
		const probe = this.#answered();
		this.#others = [...without(this.#others, probe), ...without(this.#suspects, probe)];
		this.#suspects = [];
		if (tainted && named.length === 0) this.#others = [...this.#others, ...probe];
		else this.#accuse(probe, named);
	}

	/** Nothing of the probe is left to send. */
	skipped(): void {
		this.#probe = undefined;
		this.#tainted = false;
	}

	/** The name is no longer a suspect: its content has changed, or the client does not want it. */
	forget(name: string): void {
		this.#culprits.splice(0, this.#culprits.length, ...without(this.#culprits, [name]));
		if (this.#probe?.includes(name)) {
			this.#probe = without(this.#probe, [name]);
			this.#tainted = true;
		}
		this.#others = without(this.#others, [name]);
		if (!this.#suspects.includes(name)) return;
		// It may have been the culprit among them.
		this.#others = [...this.#others, ...without(this.#suspects, [name])];
		this.#suspects = [];
	}

	#answered(): readonly string[] {
		const probe = this.#probe ?? [];
		this.#probe = undefined;
		this.#tainted = false;
		this.#left--;
		return probe;
	}

	/** At least one of these is a culprit. A text that names all of them says nothing. */
	#accuse(names: readonly string[], named: readonly string[]): void {
		const told = names.filter((name) => named.includes(name));
		if (told.length > 0 && told.length < names.length) {
			this.#others = [...this.#others, ...without(names, told)];
			this.#convict(told);
		} else if (names.length === 1) this.#convict(names);
		else this.#suspects = names;
	}

	#convict(names: readonly string[]): void {
		this.#culprits.push(...names);
		this.#suspects = [];
	}
}

function without(names: readonly string[], gone: readonly string[]): readonly string[] {
	if (gone.length === 0) return names;
	const set = new Set(gone);
	return names.filter((name) => !set.has(name));
}
