import type { EncodedResource } from "../../resources/encoded-resource.js";
import { MAX_RESPONSE_BYTES } from "../../resources/response-size.js";
import { resourceErrorBytes } from "./resource-errors.js";

/** Tag and length before a name in `removed_resources`. */
const NAME_OVERHEAD = 6;

/** @returns at most how many bytes a name in `removed_resources` takes, with the error that says so. */
export function removedBytes(name: string): number {
	return Buffer.byteLength(name) + NAME_OVERHEAD + resourceErrorBytes(name);
}

/** Gathers a delta response up to the size that every client receives (R37). */
export class DeltaDraft {
	readonly resources: EncodedResource[] = [];
	readonly removed: string[] = [];
	readonly replaced: string[] = [];
	/** Of each resource the version that the client had before. */
	readonly replacedVersions: string[] = [];
	#bytes = 0;

	get isEmpty(): boolean {
		return this.resources.length === 0 && this.removed.length === 0;
	}

	/** @returns whether there was room. The first always has: what is too large by itself cannot be split. */
	add(resource: EncodedResource, had: string): boolean {
		if (!this.#take(resource.delta.byteLength)) return false;
		this.resources.push(resource);
		this.replacedVersions.push(had);
		return true;
	}

	/** @returns whether there was room. */
	remove(name: string): boolean {
		if (!this.#take(removedBytes(name))) return false;
		this.removed.push(name);
		return true;
	}

	#take(bytes: number): boolean {
		if (!this.isEmpty && this.#bytes + bytes > MAX_RESPONSE_BYTES) return false;
		this.#bytes += bytes;
		return true;
	}
}
