import type { ResourceSet } from "../../cache/resource-set.js";
import { isGone } from "./rules/awaited.js";
import type { Subscription } from "./subscription/subscription.js";

/** The names that are asked for one by one and do not exist. What is awaited may exist (R19). */
export function* missingNames(subscription: Pick<Subscription<never>, "stream" | "names">): Iterable<string> {
	const { set } = subscription.stream;
	for (const name of subscription.names()) if (isGone(set, name)) yield name;
}

/** Names that are looked at in one step. */
const STEP = 1_000;

/** How many different names streams ask for that do not exist, in steps for inSlices(). */
export function* countMissing(
	streams: Iterable<{ readonly session: { readonly subscriptions: Iterable<Pick<Subscription<never>, "stream">> } }>,
): Generator<"", number> {
	const sets = new Set<ResourceSet>();
	for (const { session } of streams) {
		for (const { stream } of session.subscriptions) sets.add(stream.set);
		yield "";
	}
	const found = new Set<string>();
	let looked = 0;
	for (const set of sets) {
		// Names that many streams ask for are looked at once.
		for (const name of set.subscribedNames()) {
			if (isGone(set, name)) found.add(name);
			if (++looked % STEP === 0) yield "";
		}
	}
	return found.size;
}

/** Names of a request that are looked at, and names of a stream that are told. */
const MAX_LOOKED_AT = 1_000;
const MAX_TOLD = 100;
const NONE: readonly string[] = [];

/** Finds what a stream asks for that does not exist, each name of a type once: a few of them, at a cost that is bounded. */
export class MissingNames {
	/** Made with the first: almost no stream has one. */
	#told: Set<string> | undefined;
	/** The list that was looked at last, and its type: clients of complete lists send the same with each ACK. */
	#seen: readonly string[] = NONE;
	#seenOf = "";

	/** @param names that a request asks for. @returns those that are new among the missing. */
	newIn({ stream }: Pick<Subscription<never>, "stream">, names: readonly string[]): readonly string[] {
		const { set } = stream;
		if (names.length === 0 || (names === this.#seen && set.type.id === this.#seenOf)) return NONE;
		[this.#seen, this.#seenOf] = [names, set.type.id];
		const { existing } = set.memos;
		if (existing.has(names)) return NONE;
		const found: string[] = [];
		let areMissing = false;
		for (let i = 0; i < names.length && i < MAX_LOOKED_AT; i++) {
			const name = names[i] as string;
			if (name === "" || name === "*" || !isGone(set, name)) continue;
			areMissing = true;
			const key = `${set.type.id} ${name}`;
			if (this.#told?.has(key)) continue;
			this.#told ??= new Set();
			if (this.#told.size >= MAX_TOLD) break;
			this.#told.add(key);
			found.push(name);
		}
		if (!areMissing) existing.add(names);
		return found;
	}
}
