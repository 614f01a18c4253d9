import { Poll } from "../poll/poll.js";
import type { PollShare } from "../poll/shared-polls.js";
import { SHORT_WAIT_MS } from "./query/ask-in-turn.js";
import type { BlockingSource, FailingCheck } from "./query/blocking-source.js";
import { type ChecksAnswer, ChecksQuery, type ChecksQueryOptions } from "./query/checks-query.js";
import type { Pace } from "./query/service-query.js";
import type { ServicesAnswer } from "./query/services-query.js";
import { Sweep } from "./sweep.js";

/** A service that is asked for when the feed says that it may have changed. */
export interface FeedMember {
	readonly service: string;
	/** @returns whether it is asked now; where that has failed, it is tried again anyway. */
	ask(): boolean;
	/** Whether an instance of it is on the node. */
	isOn(node: string): boolean;
}

/** A question that only finds out whether something has changed: milliseconds. */
const LOOK_MS = 10;
/** So long nobody asks a service of which nothing is heard: milliseconds, and a fourth more or less. */
const REST_MS = 30_000;
/** Times in milliseconds: failures of the queries of the feed itself. */
const BACKOFF = { min: 1_000, base: 2_000, max: 30_000 };

export interface ChangeFeedOptions extends ChecksQueryOptions {
	readonly source: ChecksQueryOptions["source"] & Pick<BlockingSource<unknown>, "ownIndexes">;
	/** The services of the list, told of each answer and failure. */
	readonly services: (listener: () => void) => PollShare<ServicesAnswer>;
}

/**
 * Finds out which of many services to ask for, where not each can have a query of its own: one query waits for changes of
 * the list of services, whose index rises with each change of an instance, one for the checks that do not pass. What they
 * name is asked for at once; where they do not say what has changed, all services are.
 */
export class ChangeFeed {
	readonly #members = new Set<FeedMember>();
	readonly #byService = new Map<string, Set<FeedMember>>();
	readonly #urgent = new WeakSet<FeedMember>();
	readonly #services: PollShare<ServicesAnswer>;
	readonly #checks: Poll<ChecksAnswer> | undefined;
	readonly #sweep: Sweep<FeedMember>;
	readonly #ownIndexes: boolean;
	#listed: ServicesAnswer | undefined;
	#checked: ChecksAnswer | undefined;
	#works = false;
	/** The index at which a service was found to be another. */
	#foundAt = 0;

	constructor({ services, ...options }: ChangeFeedOptions) {
		this.#ownIndexes = options.source.ownIndexes;
		this.#sweep = new Sweep({ members: this.#members, width: options.turns.limit - 2 });
		this.#services = services(() => this.#onServices());
		if (options.source.checks) {
			const query = new ChecksQuery(options);
			this.#checks = new Poll((signal, previous) => query.next(signal, previous), {
				...{ interval: 0, minInterval: 20, maxInterval: 60_000, backoff: BACKOFF },
				maxAge: ({ pause }) => pause,
			});
			this.#checks.add(this.#onChecks);
		}
		this.#listed = this.#services.poll.answer;
	}

	add(member: FeedMember): void {
		this.#members.add(member);
		const same = this.#byService.get(member.service);
		if (same) same.add(member);
		else this.#byService.set(member.service, new Set([member]));
	}

	remove(member: FeedMember): void {
		this.#members.delete(member);
		this.#sweep.asked(member, false);
		const same = this.#byService.get(member.service);
		same?.delete(member);
		if (same?.size === 0) this.#byService.delete(member.service);
	}

	/** A service has been asked. @param found the index at which it was found to be another. */
	asked(member: FeedMember, found: number | undefined): void {
		// The sweep begins with the last: what has changed now often changes again soon.
		if (found !== undefined && this.#members.delete(member)) this.#members.add(member);
		if (found !== undefined) this.#foundAt = found;
		this.#sweep.asked(member, found !== undefined && (!this.#ownIndexes || found === this.#listed?.index));
	}

	/** How a service is asked that is due. */
	paceOf(member: FeedMember): Pace {
		const urgent = this.#urgent.delete(member);
		if (!this.#works) return { wait: SHORT_WAIT_MS, rest: 0, urgent };
		const rest = REST_MS * (0.75 + Math.random() / 2);
		// An agent that keeps copies of its own may hear of it a little later.
		return { wait: urgent ? SHORT_WAIT_MS : LOOK_MS, rest, urgent };
	}

	/** Frees everything; services take turns again. */
	stop(): void {
		this.#works = false;
		this.#sweep.stop();
		this.#services.release();
		this.#checks?.remove(this.#onChecks);
	}

	#onServices(): void {
		this.#state();
		const { answer } = this.#services.poll;
		if (!answer || answer === this.#listed) return;
		const before = this.#listed;
		this.#listed = answer;
		if (!before || answer.index === before.index) return;
		if (before.services !== answer.services) {
			for (const [service, tags] of before.services) {
				if (!sameTags(tags, answer.services.get(service))) this.#hint(service);
			}
		}
		const single = this.#ownIndexes && answer.index - before.index === 1;
		if (!single || this.#foundAt !== answer.index) this.#sweep.begin(single);
	}

	readonly #onChecks = (): void => {
		this.#state();
		const answer = this.#checks?.answer;
		if (!answer || answer === this.#checked) return;
		const before = this.#checked?.failing;
		this.#checked = answer;
		if (!before || before === answer.failing) return;
		const changed: FailingCheck[] = [];
		for (const [key, check] of answer.failing) if (before.get(key)?.status !== check.status) changed.push(check);
		for (const [key, check] of before) if (!answer.failing.has(key)) changed.push(check);
		const nodes = new Set<string>();
		for (const { service, node } of changed) {
			if (service === "") nodes.add(node);
			else this.#hint(service);
		}
		for (const node of nodes) for (const member of this.#members) if (member.isOn(node)) this.#ask(member);
	};

	#hint(service: string): void {
		for (const member of this.#byService.get(service) ?? []) this.#ask(member);
	}

	#ask(member: FeedMember): void {
		this.#urgent.add(member);
		member.ask();
	}

	/** Where a query of the feed fails, services take turns: all that rest are asked. */
	#state(): void {
		const { answer, error } = this.#services.poll;
		const checks = this.#checks;
		const works = answer !== undefined && !error && (!checks || (checks.answer !== undefined && !checks.error));
		const failed = this.#works && !works;
		this.#works = works;
		if (failed) this.#sweep.begin();
	}
}

function sameTags(before: readonly string[], now: readonly string[] | undefined): boolean {
	if (now?.length !== before.length) return false;
	const has = new Set(now);
	return before.every((tag) => has.has(tag));
}
