import { LineBudget, type LineRate } from "./line-budget.js";

/** Peers that have a budget of their own at a time. */
const MAX_PEERS = 1_024;
/** What those beyond them have together. */
const OTHERS = "other peers";

/** A budget of lines for each peer that has caused some lately. */
export class PeerBudgets {
	readonly #peers = new Map<string, LineBudget>();
	readonly #rate: LineRate | undefined;

	/** @param rate of each, as LineBudget */
	constructor(rate?: LineRate) {
		this.#rate = rate;
	}

	/** As LineBudget. @param peer its address without the port. */
	take(peer: string, bytes: number, now = performance.now()): number | undefined {
		return this.#budgetOf(peer, now).take(bytes, now);
	}

	/** The peers of which lines were left out that nobody was told of; they count as told. */
	*untold(bytes: number, now = performance.now()): Iterable<{ readonly peer: string; readonly lines: number }> {
		for (const [peer, budget] of this.#peers) {
			if (budget.skipped === 0) continue;
			const lines = budget.take(bytes, now);
			if (lines !== undefined) yield { peer, lines };
		}
	}

	/** Whether there is something to tell. */
	get hasUntold(): boolean {
		for (const { skipped } of this.#peers.values()) if (skipped > 0) return true;
		return false;
	}

	#budgetOf(peer: string, now: number): LineBudget {
		let budget = this.#peers.get(peer);
		if (budget) return budget;
		if (this.#peers.size >= MAX_PEERS) this.#forget(now);
		const isFull = this.#peers.size >= MAX_PEERS;
		budget = (isFull && this.#peers.get(OTHERS)) || new LineBudget(now, this.#rate);
		this.#peers.set(isFull ? OTHERS : peer, budget);
		return budget;
	}

	/** Those whose budget is as good as new gain nothing by having been forgotten. */
	#forget(now: number): void {
		for (const [peer, budget] of this.#peers) if (budget.isFresh(now)) this.#peers.delete(peer);
	}
}
