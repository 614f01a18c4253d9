import type { ResourceType } from "../../../resources/resource-type.js";
import { RpcError } from "../../wire/rpc-error.js";
import { type AllNames, weightOf } from "./all-names.js";

interface TypeNames {
	/** SotW: of the last request. Delta: of the first. Others may have the same. */
	readonly list: readonly string[];
	/** Delta: what was subscribed to since, less what was seen to be given up. */
	readonly own: number;
}

const NONE: TypeNames = { list: [], own: 0 };

/** The names that one stream asks for, as they count among those of all. */
export class StreamNames {
	readonly #all: AllNames;
	readonly #peer: string;
	readonly #byType = new Map<ResourceType, TypeNames>();

	constructor(all: AllNames, peer: string) {
		this.#all = all;
		this.#peer = peer;
	}

	/** SotW: each request lists all names. @throws RpcError if there is no room for them. */
	replace(type: ResourceType, list: readonly string[]): void {
		const { list: before } = this.#of(type);
		if (list === before) return;
		if (!this.#all.hold(this.#peer, list)) throw RpcError.allNames();
		this.#all.release(this.#peer, before);
		this.#byType.set(type, { list, own: 0 });
	}

	/**
	 * Delta: a request adds to what there is.
	 * @param present all that the stream asks for now.
	 * @throws RpcError if there is no room for them.
	 */
	add(type: ResourceType, subscribe: readonly string[], present: () => Iterable<string>): void {
		if (!this.#byType.has(type)) {
			this.replace(type, subscribe);
			return;
		}
		const weight = weightOf(subscribe);
		if (this.#takeMore(type, weight)) return;
		// What was given up in the meantime makes room.
		const { list, own } = this.#of(type);
		const used = Math.max(0, weightOf(present()) - weightOf(list));
		this.#all.give(this.#peer, Math.max(0, own - used));
		this.#byType.set(type, { list, own: Math.min(own, used) });
		if (!this.#takeMore(type, weight)) throw RpcError.allNames();
	}

	close(): void {
		for (const { list, own } of this.#byType.values()) {
			this.#all.release(this.#peer, list);
			this.#all.give(this.#peer, own);
		}
		this.#byType.clear();
	}

	#takeMore(type: ResourceType, weight: number): boolean {
		if (!this.#all.take(this.#peer, weight)) return false;
		const { list, own } = this.#of(type);
		this.#byType.set(type, { list, own: own + weight });
		return true;
	}

	#of(type: ResourceType): TypeNames {
		return this.#byType.get(type) ?? NONE;
	}
}
