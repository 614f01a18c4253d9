import type { Poll } from "../poll/poll.js";
import { DEFAULT_MAX_ENDPOINTS } from "../watch/max-endpoints.js";
import type { FeedMember } from "./change-feed.js";
import type { BlockingSource } from "./query/blocking-source.js";
import type { ServiceAnswer } from "./query/service-query.js";
import type { ServiceTarget } from "./service-target.js";

export type Answering<Entry> = Pick<Poll<ServiceAnswer<Entry>>, "answer" | "error" | "refresh">;

/** A service that one query asks for, and the targets that want it. */
export class WatchedService<Entry> implements FeedMember {
	readonly service: string;
	poll: Answering<Entry> | undefined;
	readonly #nodeOf: BlockingSource<Entry>["nodeOf"];
	readonly #most = new Set<() => number>();

	constructor(service: string, nodeOf: BlockingSource<Entry>["nodeOf"]) {
		this.service = service;
		this.#nodeOf = nodeOf;
	}

	/** How many instances are taken: with tags a target may have fewer endpoints than there are instances. */
	get most(): number {
		return Math.max(0, ...[...this.#most].map((most) => most()));
	}

	/** @returns forgets the target. */
	add({ tags }: Pick<ServiceTarget, "tags">, most: () => number): () => void {
		const own = tags.length === 0 ? () => most() : () => Math.max(most(), DEFAULT_MAX_ENDPOINTS);
		this.#most.add(own);
		return () => this.#most.delete(own);
	}

	ask(): boolean {
		// A failure has waits of its own.
		if (!this.poll || this.poll.error) return false;
		this.poll.refresh();
		return true;
	}

	isOn(node: string): boolean {
		return this.poll?.answer?.entries.some((entry) => this.#nodeOf(entry) === node) ?? false;
	}
}
