import { status } from "@grpc/grpc-js";
import type { ResourceSet } from "../../cache/resource-set.js";
import { Status } from "../../gen/google/rpc/status.js";
import { RESOURCE_ERROR, RESOURCE_NAME } from "../../resources/discovery-fields.js";
import type { EncodedResource } from "../../resources/encoded-resource.js";
import { Message } from "../../resources/join-fields.js";

/** For the one whose call fails: clients add which resource it is. */
const MESSAGE = "Fingerpost has no service of this name";

const DETAIL = Status.encode(Status.fromPartial({ code: status.NOT_FOUND, message: MESSAGE })).finish();

/** What an error takes besides its name. */
const OVERHEAD = MESSAGE.length + 24;

/** @returns at most how many bytes the error for the name takes in a response. */
export function resourceErrorBytes(name: string): number {
	return Buffer.byteLength(name) + OVERHEAD;
}

/** The `ResourceError` that says that there is nothing of the name (R38). */
export function resourceError(name: string): Message {
	return new Message([
		[RESOURCE_ERROR.name, new Message([[RESOURCE_NAME.name, name]])],
		[RESOURCE_ERROR.detail, DETAIL],
	]);
}

/** Of complete sets: which names a client was told not to exist, so that it is told once (R38). */
export class AbsentNames {
	#told = new Set<string>();

	/** These were asked for anew. */
	forget(names: Iterable<string>): void {
		for (const name of names) this.#told.delete(name);
	}

	/** The names of which there is nothing, not in this response and not else, and that were not told yet. */
	notYetTold(names: Iterable<string>, response: readonly EncodedResource[], set: ResourceSet): string[] {
		const there = new Set(response.map(({ name }) => name));
		const absent = [...names].filter(
			(name) => name !== "" && !there.has(name) && !set.get(name) && !set.isAwaited(name),
		);
		const fresh = absent.filter((name) => !this.#told.has(name));
		this.#told = new Set(absent);
		return fresh;
	}
}
