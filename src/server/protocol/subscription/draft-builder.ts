import type { Draft } from "../../../cache/memo/draft.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { MAX_RESPONSE_BYTES } from "../../../resources/response-size.js";
import type { Mode } from "../../wire/mode.js";
import { removalBytes } from "../../wire/resource-errors.js";
import { NOTHING } from "../rules/versions.js";

/**
 * What goes into a response costs so much at most, counted in resources that are encoded already: it
 * is put together in one go.
 */
export const MAX_WORK = 12_288;
/** What it costs to make an empty resource, and to say that there is nothing of a name. */
const PLACEHOLDER_WORK = 3;
const REMOVAL_WORK = 2;

/** Gathers a response up to the size that every client receives (R37), and up to MAX_WORK. */
export class DraftBuilder {
	readonly #mode: Mode;
	readonly #resources: EncodedResource[] = [];
	readonly #removed: string[] = [];
	readonly #absent: string[] = [];
	readonly #replaced: string[] = [];
	readonly #replacedVersions: string[] = [];
	#bytes = 0;
	#work = 0;

	constructor(mode: Mode) {
		this.#mode = mode;
	}

	get isEmpty(): boolean {
		return this.#resources.length + this.#removed.length + this.#absent.length === 0;
	}

	/**
	 * @param has the version that the client has of it.
	 * @param isPlaceholder whether it was made for this response.
	 * @returns whether there was room. The first always has: what is too large by itself cannot be
	 *   split.
	 */
	add(resource: EncodedResource, has: string, isPlaceholder = false): boolean {
		if (!this.#take(resource[this.#mode].byteLength, isPlaceholder ? PLACEHOLDER_WORK : 1)) return false;
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
		if (!this.#take(removalBytes(this.#mode, name), REMOVAL_WORK)) return false;
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

	#take(bytes: number, work: number): boolean {
		const isFull = this.#bytes + bytes > MAX_RESPONSE_BYTES || this.#work + work > MAX_WORK;
		if (isFull && !this.isEmpty) return false;
		this.#bytes += bytes;
		this.#work += work;
		return true;
	}
}
