import { type Limits, shareOf } from "../../../model/limits.js";
import { RpcError } from "../../wire/rpc-error.js";

/** A name of more characters than this counts as more than one. */
const CHARACTERS = 128;

interface HeldList {
	readonly weight: number;
	/** How many streams of each peer have it. */
	readonly holders: Map<string, number>;
}

/** How much the names count together. */
export function weightOf(names: Iterable<string>): number {
	let weight = 0;
	for (const { length } of names) weight += 1 + Math.floor(length / CHARACTERS);
	return weight;
}

/** The names that all streams ask for. A list that many ask for is in memory once, and counts once. */
export class AllNames {
	readonly #limits: () => Limits;
	readonly #lists = new Map<readonly string[], HeldList>();
	readonly #byPeer = new Map<string, number>();
	#total = 0;

	constructor(limits: () => Limits) {
		this.#limits = limits;
	}

	get total(): number {
		return this.#total;
	}

	/** @throws RpcError if a stream may not ask for so many of a type. */
	readonly check = (count: number): void => {
		const limits = this.#limits();
		if (count > limits.names) throw RpcError.names(limits);
	};

	/** A stream asks for these. @returns whether there was room; if not, nothing is held. */
	hold(peer: string, list: readonly string[]): boolean {
		const held = this.#lists.get(list) ?? { weight: weightOf(list), holders: new Map() };
		const holders = held.holders.get(peer) ?? 0;
		if (holders === 0) {
			if (!this.#take(peer, held.holders.size === 0 ? held.weight : 0, held.weight)) return false;
			this.#lists.set(list, held);
		}
		held.holders.set(peer, holders + 1);
		return true;
	}

	/** It no longer does. */
	release(peer: string, list: readonly string[]): void {
		const held = this.#lists.get(list);
		const holders = held?.holders.get(peer);
		if (!held || !holders) return;
		if (holders > 1) {
			held.holders.set(peer, holders - 1);
			return;
		}
		held.holders.delete(peer);
		const isLast = held.holders.size === 0;
		if (isLast) this.#lists.delete(list);
		this.#give(peer, isLast ? held.weight : 0, held.weight);
	}

	/** A stream asks for names besides its list. @returns whether there was room; if not, nothing is taken. */
	take(peer: string, weight: number): boolean {
		return this.#take(peer, weight, weight);
	}

	give(peer: string, weight: number): void {
		this.#give(peer, weight, weight);
	}

	#take(peer: string, ofAll: number, own: number): boolean {
		const { allNames, names } = this.#limits();
		const taken = (this.#byPeer.get(peer) ?? 0) + own;
		if (this.#total + ofAll > allNames || taken > shareOf(allNames, names)) return false;
		this.#total += ofAll;
		this.#byPeer.set(peer, taken);
		return true;
	}

	#give(peer: string, ofAll: number, own: number): void {
		this.#total -= ofAll;
		const left = (this.#byPeer.get(peer) ?? 0) - own;
		if (left > 0) this.#byPeer.set(peer, left);
		else this.#byPeer.delete(peer);
	}
}
