import type { Acknowledged } from "../../admin/history/history-sources.js";

/** Acknowledgements of a node that are remembered. */
const MOST = 64;
/** Nodes. */
const MAX_NODES = 16_384;
/** How many are looked at before one is forgotten, whatever it has said since. */
const LOOKED_AT = 4;

/** Pairs of when something was sent and when it was acknowledged, in milliseconds since 1970. */
interface Acks {
	readonly times: number[];
	/** Where the oldest pair stands, once there are as many as may be. */
	oldest: number;
	/** Whether the node has said something since it was last spared. */
	isNew: boolean;
}

/** When a node's clients acknowledged endpoints, and when what they acknowledged was sent: a few each, in bounded memory. */
export class AckLog {
	/** Those that are forgotten next stand first. */
	readonly #nodes = new Map<string, Acks>();

	/** @param sentAt in milliseconds since 1970. */
	acked(node: string, sentAt: number): void {
		const known = this.#nodes.get(node);
		if (!known) {
			this.#nodes.set(node, { times: [sentAt, Date.now()], oldest: 0, isNew: false });
			if (this.#nodes.size > MAX_NODES) this.#forgetOne();
			return;
		}
		known.isNew = true;
		const { times, oldest } = known;
		if (times.length < 2 * MOST) {
			times.push(sentAt, Date.now());
			return;
		}
		times[oldest] = sentAt;
		times[oldest + 1] = Date.now();
		known.oldest = (oldest + 2) % (2 * MOST);
	}

	/** When the node first acknowledged something that was sent at that time or later. */
	after(node: string, at: number): Acknowledged {
		const known = this.#nodes.get(node);
		if (!known) return "unknown";
		const { times, oldest } = known;
		for (let i = 0; i < times.length; i += 2) {
			const place = (oldest + i) % times.length;
			if ((times[place] as number) < at) continue;
			// The oldest that is remembered may not be the first of that time.
			return i === 0 && times.length === 2 * MOST ? "forgotten" : (times[place + 1] as number);
		}
		return "not yet";
	}

	/** Of the first few the one that has said nothing for longest. */
	#forgetOne(): void {
		let left = LOOKED_AT;
		for (const [node, acks] of this.#nodes) {
			this.#nodes.delete(node);
			if (!acks.isNew || --left === 0) return;
			acks.isNew = false;
			this.#nodes.set(node, acks);
		}
	}
}
