import type { Acknowledged } from "../../admin/history/history-sources.js";

/** Acknowledgements of a node that are remembered. */
const MOST = 64;
/** Nodes; those that have said nothing for longest are forgotten first. */
const MAX_NODES = 4_096;

/** When a node's clients acknowledged endpoints, and when what they acknowledged was sent: a few each, in bounded memory. */
export class AckLog {
	/** Pairs of both times, the oldest first. */
	readonly #nodes = new Map<string, number[]>();

	/** @param sentAt in milliseconds since 1970. */
	acked(node: string, sentAt: number): void {
		const known = this.#nodes.get(node) ?? [];
		// The node that said something last stands last.
		this.#nodes.delete(node);
		this.#nodes.set(node, known);
		known.push(sentAt, Date.now());
		if (known.length > 2 * MOST) known.splice(0, 2);
		if (this.#nodes.size <= MAX_NODES) return;
		for (const oldest of this.#nodes.keys()) {
			this.#nodes.delete(oldest);
			return;
		}
	}

	/** When the node first acknowledged something that was sent at that time or later. */
	after(node: string, at: number): Acknowledged {
		const known = this.#nodes.get(node);
		if (!known) return "unknown";
		for (let i = 0; i < known.length; i += 2) {
			if ((known[i] as number) < at) continue;
			// The oldest that is remembered may not be the first of that time.
			return i === 0 && known.length === 2 * MOST ? "forgotten" : (known[i + 1] as number);
		}
		return "not yet";
	}
}
