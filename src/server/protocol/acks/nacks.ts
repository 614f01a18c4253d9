import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { CulpritSearch, type Verdict } from "./culprit-search.js";
import { namesInText } from "./names-in-text.js";

/** A NACK as others see it. */
export interface Nack {
	readonly version: string;
	/** What the client rejects, as far as that could be found out; all that was in the response while it is looked for. */
	readonly resources: readonly string[];
	/** The client's own text. */
	readonly error: string;
	readonly at: Date;
	/** Whether parts of the response are being sent to find out which resource it is. */
	readonly searching: boolean;
}

/** A rejected response, as far as it may be to blame. */
export interface NackedResponse {
	readonly version: string;
	/** All names in the response, for the status. */
	readonly names: readonly string[];
	/** What of it the client still lacks. */
	readonly suspects: readonly EncodedResource[];
	/** How many resources it may have been for: these, and those that have changed since. */
	readonly accused: number;
	readonly error: string;
}

/** What a search has come to. */
export interface Outcome extends Verdict {
	/** The culprits as they were rejected. */
	readonly resources: readonly EncodedResource[];
	readonly error: string;
}

/** More rejected responses than this do not wait for their search: what is in them is not sent. */
const MAX_WAITING = 16;

/**
 * What one stream has rejected of one type: it is not sent again until it changes or is asked for anew (R7), and a search
 * finds out which resources of a response it was, so that the others reach the client.
 */
export class Nacks {
	/** What is not sent, in the version that the client rejected or that is suspected. */
	readonly #nacked = new Map<string, EncodedResource>();
	readonly #waiting: NackedResponse[] = [];
	#search: CulpritSearch | undefined;
	#error = "";
	#nack: Nack | null = null;
	#probeSent = false;

	/** The newest NACK, until all that it was for has changed or was accepted. */
	get nack(): Nack | null {
		return this.#nack;
	}

	isNacked(resource: EncodedResource): boolean {
		return this.#nacked.get(resource.name)?.version === resource.version;
	}

	get size(): number {
		return this.#nacked.size;
	}

	/** The names of which something is not sent. */
	names(): Iterable<string> {
		return this.#nacked.keys();
	}

	/** Takes a rejection that answers no probe. @returns what is known at once. */
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
		if (this.#nacked.size > 0) {
			for (const resource of resources) if (this.isNacked(resource)) this.release(resource.name);
		}
		if (!this.#search && this.#nacked.size === 0) this.#nack = null;
	}

	/** The names to send next as a part of their own, or undefined. It counts as sent. */
	takeProbe(): readonly string[] | undefined {
		if (this.#probeSent) return undefined;
		const probe = this.#search?.probe;
		this.#probeSent = probe !== undefined;
		return probe;
	}

	/** Whether a probe waits to be sent. */
	get probeDue(): boolean {
		return !this.#probeSent && this.#search?.probe !== undefined;
	}

	/** Whether the name is in a probe that was sent and is not answered yet. */
	isProbed(name: string): boolean {
		return this.#probeSent && (this.#search?.probe?.includes(name) ?? false);
	}

	/** The client has ACKed the probe, or rejected it with this text. @returns what the search has come to, if it is over. */
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

	/** There is nothing left of the probe to send. @returns what the search has come to, if it is over. */
	probeSkipped(): Outcome | undefined {
		this.#probeSent = false;
		this.#search?.skipped();
		return this.#ended();
	}

	/** The probe will not be answered: nothing more can be found out. */
	probeLost(): Outcome | undefined {
		if (!this.#search || !this.#probeSent) return undefined;
		this.#probeSent = false;
		return this.#close(this.#search);
	}

	/** The name is sent in another version, was asked for anew, or is not wanted any more. */
	release(name: string): void {
		if (this.#nacked.delete(name)) this.#search?.forget(name);
	}

	clear(): void {
		this.#nacked.clear();
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
		if (search.probe) {
			if (this.#nack) this.#nack = { ...this.#nack, searching: true };
			return undefined;
		}
		return this.#close(search);
	}

	#close(search: CulpritSearch): Outcome {
		const { culprits, undecided } = search.verdict;
		const resources = culprits.flatMap((name) => this.#nacked.get(name) ?? []);
		this.#search = undefined;
		if (this.#nack && this.#nacked.size > 0) {
			this.#nack = { ...this.#nack, resources: [...this.#nacked.keys()], searching: false };
		} else this.#nack = null;
		const outcome = { culprits, undecided, resources, error: this.#error };
		const next = this.#waiting.shift();
		const more = next && this.#begin(next);
		if (!more) return outcome;
		return {
			culprits: [...culprits, ...more.culprits],
			undecided: [...undecided, ...more.undecided],
			resources: [...resources, ...more.resources],
			error: more.error,
		};
	}
}
