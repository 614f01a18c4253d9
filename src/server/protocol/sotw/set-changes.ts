import type { EncodedResource } from "../../../resources/encoded-resource.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { FormerResources } from "./former-resources.js";

/** What changed for a client of complete sets since the last response. */
export class SetChanges {
	/** What changed, with what the client has of it. */
	readonly pending = new Map<string, EncodedResource | undefined>();
	/** What is gone but is still in what the client was sent. It goes last (R18). */
	readonly leaving = new Map<string, EncodedResource>();
	readonly #stream: TypeStream;
	readonly #former: FormerResources;

	constructor(stream: TypeStream, former: FormerResources) {
		this.#stream = stream;
		this.#former = former;
	}

	/** @param previous what the set had of it before. */
	changed(name: string, previous: EncodedResource | undefined): void {
		const { set, log, nacks } = this.#stream;
		const nacked = previous && nacks.isNacked(previous) && !nacks.isProbed(name);
		const sent = nacked ? this.#former.mayHave(name) : log.sent ? previous : undefined;
		const has = this.pending.has(name) ? this.pending.get(name) : (this.leaving.get(name) ?? sent);
		if (set.get(name)) {
			this.leaving.delete(name);
			this.pending.set(name, has);
		} else {
			this.pending.delete(name);
			if (has) this.leaving.set(name, has);
			// The client may have a version of it from before the one that it rejected.
			else if (nacked) this.pending.set(name, undefined);
		}
	}

	/** The client may not see it any more: it is left out at once, though other things may still lead to it (R18). */
	forbidden(name: string): void {
		this.leaving.delete(name);
		this.#stream.nacks.release(name);
		this.pending.set(name, undefined);
	}

	clear(): void {
		this.pending.clear();
		this.leaving.clear();
	}
}
