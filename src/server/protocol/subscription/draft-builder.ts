import type { Draft } from "../../../cache/memo/draft.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { MAX_RESPONSE_BYTES } from "../../../resources/response-size.js";
import type { Mode } from "../../wire/mode.js";
import { removalBytes } from "../../wire/resource-errors.js";
import { NOTHING } from "../rules/versions.js";

/** Gathers a response up to the size that every client receives (R37). */
export class DraftBuilder {
	readonly #mode: Mode;
	readonly #resources: EncodedResource[] = [];
	readonly #removed: string[] = [];
	readonly #absent: string[] = [];
	readonly #replaced: string[] = [];
	readonly #replacedVersions: string[] = [];
	#bytes = 0;

	constructor(mode: Mode) {
		this.#mode = mode;
	}

	get isEmpty(): boolean {
		return this.#resources.length + this.#removed.length + this.#absent.length === 0;
	}

	/**
	 * @param has the version that the client has of it.
	 * @returns whether there was room. The first always has: what is too large by itself cannot be
	 *   split.
	 */
	add(resource: EncodedResource, has: string): boolean {
		if (!this.#take(resource[this.#mode].byteLength)) return false;
		this.#resources.push(resource);
		this.#replacedVersions.push(has);
		if (has !== NOTHING) this.#replaced.push(resource.name);
		return true;
	}

	/**
	 * There is nothing of the name: delta says so by `removed_resources`, and both by
	 * `resource_errors` (R38).
	 * @param asked whether the client has asked for it by its name.
	 * @returns whether there was room.
	 */
	remove(name: string, asked: boolean): boolean {
		if (!this.#take(removalBytes(this.#mode, name))) return false;
		if (this.#mode === "delta") this.#removed.push(name);
		if (asked && name !== "") this.#absent.push(name);
		return true;
	}

	finish(version: string, { since, probe }: Pick<Draft, "since" | "probe">): Draft {
		return {
			version,
			resources: this.#resources,
			removed: this.#removed,
			absent: this.#absent,
			since,
			replaced: this.#replaced,
			replacedVersions: this.#replacedVersions,
			probe,
		};
	}

	#take(bytes: number): boolean {
		if (!this.isEmpty && this.#bytes + bytes > MAX_RESPONSE_BYTES) return false;
		this.#bytes += bytes;
		return true;
	}
}
