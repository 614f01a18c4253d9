import type { PollShare } from "../poll/shared-polls.js";
import { ChangeFeed, type FeedMember } from "./change-feed.js";
import { SHORT_WAIT_MS, WAIT_MS } from "./query/ask-in-turn.js";
import type { BlockingSource, Parameters } from "./query/blocking-source.js";
import type { QueryTurns } from "./query/query-turns.js";
import type { Pace } from "./query/service-query.js";
import type { ServicesAnswer } from "./query/services-query.js";

export interface FeedsOptions {
	readonly source: Pick<BlockingSource<unknown>, "name" | "address" | "checks" | "ownIndexes">;
	readonly turns: QueryTurns;
	readonly services: (parameters: Parameters, listener: () => void) => PollShare<ServicesAnswer>;
	/** Whether there are more services than queries. */
	readonly takesTurns: () => boolean;
	/** Whether the queries of a feed leave enough turns. */
	readonly worthIt: boolean;
}

/** A feed for each list of services, while there are more services than queries. */
export class Feeds {
	readonly #options: FeedsOptions;
	readonly #feeds = new Map<string, { readonly feed: ChangeFeed; readonly members: Set<FeedMember> }>();
	readonly #feedOf = new Map<FeedMember, string>();

	constructor(options: FeedsOptions) {
		this.#options = options;
	}

	/** How a service is asked that is due. @param list the parameters of the list that has it. */
	paceOf(member: FeedMember, list: Parameters): Pace {
		const { takesTurns, worthIt } = this.#options;
		if (worthIt && takesTurns()) return this.#joined(member, list).paceOf(member);
		this.remove(member);
		return { wait: takesTurns() ? SHORT_WAIT_MS : WAIT_MS, rest: 0 };
	}

	/** A service has been asked. @param found the index at which it was found to be another. */
	asked(member: FeedMember, found: number | undefined): void {
		const key = this.#feedOf.get(member);
		if (key !== undefined) this.#feeds.get(key)?.feed.asked(member, found);
	}

	/** Nobody wants the service any more, or it has a query of its own; the feed of the last one ends. */
	remove(member: FeedMember): void {
		const key = this.#feedOf.get(member) ?? "";
		const joined = this.#feeds.get(key);
		this.#feedOf.delete(member);
		if (!joined?.members.delete(member)) return;
		joined.feed.remove(member);
		if (joined.members.size > 0) return;
		this.#feeds.delete(key);
		joined.feed.stop();
	}

	#joined(member: FeedMember, list: Parameters): ChangeFeed {
		const key = JSON.stringify(list);
		const { feed, members } = this.#feeds.get(key) ?? this.#start(key, list);
		if (members.has(member)) return feed;
		members.add(member);
		feed.add(member);
		this.#feedOf.set(member, key);
		return feed;
	}

	#start(key: string, parameters: Parameters) {
		const { source, turns, services } = this.#options;
		const feed = new ChangeFeed({ source, turns, parameters, services: (listener) => services(parameters, listener) });
		const started = { feed, members: new Set<FeedMember>() };
		this.#feeds.set(key, started);
		return started;
	}
}
