import type { Draft } from "../../../cache/memo/draft.js";
import { MAX_RESPONSE_BYTES } from "../../../resources/response-size.js";
import type { SentResponse } from "../acks/response-log.js";
import { MAX_WORK } from "../subscription/draft-builder.js";

/** Bytes of an entry without its name: version, time to live, tags. */
const OVERHEAD = 48;

/** Delta: heartbeats that are due, by name, with the version that the client has (R26). */
export class DueHeartbeats {
	/** Made with the first: almost no stream has any. */
	#due: Map<string, string> | undefined;
	#sent = false;

	get size(): number {
		return this.#due?.size ?? 0;
	}

	add(name: string, version: string): void {
		this.#due ??= new Map();
		this.#due.set(name, version);
	}

	forget(name: string): void {
		this.#due?.delete(name);
	}

	clear(): void {
		this.#due?.clear();
	}

	/** Whether the response holds nothing but heartbeats. */
	isHeartbeat({ content: { resources, removed } }: SentResponse): boolean {
		return this.#sent && resources.length === 0 && removed.length === 0;
	}

	/**
	 * The next response, up to the size that every client receives (R37), and up to MAX_WORK.
	 * @param version that of the resource set.
	 * @param has the version that the client has of a name now: a heartbeat for another one is
	 *   dropped.
	 */
	next(version: string, has: (name: string) => string): Draft | undefined {
		if (!this.#due) return undefined;
		const heartbeats: { name: string; version: string }[] = [];
		let bytes = 0;
		for (const [name, beat] of this.#due) {
			bytes += OVERHEAD + Buffer.byteLength(name);
			if (heartbeats.length > 0 && (bytes > MAX_RESPONSE_BYTES || heartbeats.length >= MAX_WORK)) break;
			this.#due.delete(name);
			if (has(name) === beat) heartbeats.push({ name, version: beat });
		}
		if (heartbeats.length === 0) return undefined;
		this.#sent = true;
		return {
			version,
			resources: [],
			removed: [],
			heartbeats,
			since: undefined,
			replaced: [],
			replacedVersions: [],
			probe: false,
		};
	}
}
