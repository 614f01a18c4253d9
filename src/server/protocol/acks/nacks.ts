import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { CulpritSearch, type Verdict } from "./culprit-search.js";
import { namesInText } from "./names-in-text.js";

/** A NACK as others see it. */
export interface Nack {
	readonly version: string;
	/** What the client rejects. During the search: all that was in the response. */
	readonly resources: readonly string[];
	/** The client's own text. */
	readonly error: string;
	readonly at: Date;
	/** Whether probes are being sent to find out which resource it is. */
	readonly searching: boolean;
}

/** A rejected response, and what of it may be to blame. */
export interface NackedResponse {
	readonly version: string;
	/** All names in the response, for the status. */
	readonly names: readonly string[];
	/** Its resources that are as they were, and that the client still lacks. */
	readonly suspects: readonly EncodedResource[];
	/** How many resources may be to blame: the suspects, and those that have changed since. */
	readonly accused: number;
	readonly error: string;
}

/** The result of a search. */
export interface Outcome extends Verdict {
	readonly error: string;
}

/** Rejected responses that may wait for their search; what is in others is not sent again. */
const MAX_WAITING = 16;

/** Versions of a name that are remembered as rejected beside the newest one. */
const MAX_EARLIER = 8;
const NONE: ReadonlyMap<string, boolean> = new Map();

/**
 * What one stream has rejected of one type. It is not sent again until it changes or is asked for
 * anew (R7). A search finds out which resources of a response are to blame, so that the others
 * reach the client.
 */
export class Nacks {
	/** Resources that are not sent, in the version that the client rejected or may have rejected. */
	readonly #nacked = new Map<string, EncodedResource>();
	/** Other versions that the client has rejected, by name; the newest is the last. */
	readonly #earlier = new Map<string, readonly string[]>();
	readonly #waiting: NackedResponse[] = [];
	/** See takeStuck(). */
	#stuck: Map<string, boolean> | undefined;
	#search: CulpritSearch | undefined;
	#error = "";
	#nack: Nack | null = null;
	#probeSent = false;

	/** The newest NACK, until all that it was for has changed or was ACKed. */
	get nack(): Nack | null {
		return this.#nack;
	}

	isNacked(resource: EncodedResource): boolean {
		return this.#nacked.get(resource.name)?.version === resource.version;
	}

	/** The resource of that name that is not sent. */
	of(name: string): EncodedResource | undefined {
		return this.#nacked.get(name);
	}

	/** Whether the client has not rejected the resource, which is to stand in for one that it has. */
	canStandIn(resource: EncodedResource): boolean {
		return !this.isNacked(resource) && !this.#earlier.get(resource.name)?.includes(resource.version);
	}

	/** The client has rejected what stood in for the newest version. */
	cannotStandIn({ name, version }: EncodedResource): void {
		const earlier = (this.#earlier.get(name) ?? []).filter((each) => each !== version);
		this.#earlier.set(name, [...earlier, version].slice(-MAX_EARLIER));
	}

	get size(): number {
		return this.#nacked.size;
	}

	get isSearching(): boolean {
		return this.#search !== undefined;
	}

	/** Whether there may be something to send. */
	get isDue(): boolean {
		return this.probeDue || (this.#stuck !== undefined && !this.#search);
	}

	/** The client is to be sent another version in place of the one that it rejects. */
	fallBack(name: string, waits: boolean): void {
		this.#stuck ??= new Map();
		this.#stuck.set(name, waits || this.#stuck.get(name) === true);
	}

	/**
	 * The names that fallBack() was called for, or whose search is over: whether the client waits for
	 * them even if it has something of them. None during a search: it may show that they are good.
	 */
	takeStuck(): ReadonlyMap<string, boolean> {
		if (this.#search) return NONE;
		const stuck = this.#stuck ?? NONE;
		this.#stuck = undefined;
		return stuck;
	}

	/** The names of which something is not sent. */
	names(): Iterable<string> {
		return this.#nacked.keys();
	}

	/**
	 * The client has rejected a response that is no probe.
	 * @returns the result, if no search is needed.
	 */
	add(rejection: NackedResponse): Outcome | undefined {
		const { version, names, error, suspects } = rejection;
		this.#nack = { version, resources: names, error, at: new Date(), searching: this.#search !== undefined };
		for (const resource of suspects) this.#nacked.set(resource.name, resource);
		if (suspects.length === 0) return undefined;
		if (!this.#search) return this.#begin(rejection);
		if (this.#waiting.length < MAX_WAITING) this.#waiting.push(rejection);
		return undefined;
	}

	/** The client has ACKed these resources. */
	acked(resources: readonly EncodedResource[]): void {
		if (this.#nacked.size + this.#earlier.size > 0) {
			for (const resource of resources) {
				if (this.isNacked(resource)) this.release(resource.name);
				else this.#earlier.delete(resource.name);
			}
		}
		if (!this.#search && this.#nacked.size === 0) this.#nack = null;
	}

	/** The names of the next probe, or undefined. It counts as sent. */
	takeProbe(): readonly string[] | undefined {
		if (this.#probeSent) return undefined;
		const probe = this.#search?.probe;
		this.#probeSent = probe !== undefined;
		return probe;
	}

	/** Whether a probe waits to be sent. */
	get probeDue(): boolean {
		return !this.#probeSent && this.#search?.hasProbe === true;
	}

	/** Whether the name is in a probe in flight. */
	isProbed(name: string): boolean {
		return this.#probeSent && this.#search?.isProbed(name) === true;
	}

	/**
	 * The client has ACKed the probe, or rejected it with this text.
	 * @returns the result, if the search is over.
	 */
	probed(error: string | undefined): Outcome | undefined {
		const search = this.#search;
		if (!search || !this.#probeSent) return undefined;
		this.#probeSent = false;
		const probe = search.probe ?? [];
		if (error === undefined) {
			search.accepted();
			for (const name of probe) this.#nacked.delete(name);
		} else search.rejected(namesInText(error, probe));
		return this.#ended();
	}

	/** Nothing of the probe is left to send. @returns the result, if the search is over. */
	probeSkipped(): Outcome | undefined {
		this.#probeSent = false;
		this.#search?.skipped();
		return this.#ended();
	}

	/** The probe will not be acknowledged: the search ends without it. */
	probeLost(): Outcome | undefined {
		if (!this.#search || !this.#probeSent) return undefined;
		this.#probeSent = false;
		return this.#close(this.#search);
	}

	/** The name was asked for anew, or is no longer wanted. */
	release(name: string): void {
		this.#earlier.delete(name);
		if (this.#nacked.delete(name)) this.#search?.forget(name);
	}

	/** The name is sent in another version. */
	replaced(name: string): void {
		const nacked = this.#nacked.get(name);
		if (!nacked) return;
		this.#nacked.delete(name);
		this.#search?.forget(name);
		this.cannotStandIn(nacked);
	}

	clear(): void {
		this.#nacked.clear();
		this.#earlier.clear();
		this.#stuck = undefined;
		this.#waiting.length = 0;
		this.#search = undefined;
	}

	#begin({ suspects, error, accused }: NackedResponse): Outcome | undefined {
		const names = suspects.filter((resource) => this.isNacked(resource)).map(({ name }) => name);
		this.#error = error;
		this.#search = new CulpritSearch(names, namesInText(error, names), accused);
		return this.#ended();
	}

	#ended(): Outcome | undefined {
		const search = this.#search;
		if (!search) return undefined;
		if (search.hasProbe) {
			if (this.#nack) this.#nack = { ...this.#nack, searching: true };
			return undefined;
		}
		return this.#close(search);
	}

	#close(search: CulpritSearch): Outcome {
		const { culprits, undecided } = search.verdict;
		for (const name of [...culprits, ...undecided]) this.fallBack(name, false);
		this.#search = undefined;
		if (this.#nack && this.#nacked.size > 0) {
			this.#nack = { ...this.#nack, resources: [...this.#nacked.keys()], searching: false };
		} else this.#nack = null;
		const outcome = { culprits, undecided, error: this.#error };
		const next = this.#waiting.shift();
		const more = next && this.#begin(next);
		if (!more) return outcome;
		return {
			culprits: [...culprits, ...more.culprits],
			undecided: [...undecided, ...more.undecided],
			error: more.error,
		};
	}
}
