import { Limiter } from "../../util/limiter.js";
import { tracedLookUp } from "../look-ups.js";
import { Poll, type PollTimes } from "../poll/poll.js";
import { type PollShare, SharedPolls } from "../poll/shared-polls.js";
import { countedRequest } from "../source-requests.js";
import { askServers } from "./client/ask-servers.js";
import {
	type AddressAnswer,
	type AddressType,
	type Ask,
	lookUpAddresses,
	lookUpSrv,
	type SrvAnswer,
} from "./client/look-up.js";
import { isLoopbackName, loopbackReply } from "./client/loopback.js";
import { replyText } from "./client/message.js";
import { ServerHabits } from "./client/server-habits.js";
import type { ServerList } from "./client/server-list.js";

/**
 * How many look-ups may run at once at one list of servers; more would cost sockets and lose
 * answers.
 */
const AT_ONCE = 100;

const BACKOFF = { base: 1_000, max: 300_000 };

/** Milliseconds each. */
export interface QuestionTimes {
	readonly minInterval: number;
	readonly maxInterval: number;
	/** For one look-up. */
	readonly timeout: number;
}

/**
 * One poll for each question to the same servers, however many want to know. The TTL says when to
 * ask again.
 */
export class Questions {
	readonly #times: QuestionTimes;
	readonly #addresses = new SharedPolls<AddressAnswer>();
	readonly #srv = new SharedPolls<SrvAnswer>();
	readonly #habits = new ServerHabits();
	readonly #limiters = new Map<string, Limiter>();

	constructor(times: QuestionTimes) {
		this.#times = times;
	}

	addresses(servers: ServerList, name: string, type: AddressType, listener: () => void): PollShare<AddressAnswer> {
		return this.#share(this.#addresses, `${servers.key} ${type} ${name}`, listener, (signal) =>
			this.#run(servers, signal, (ask) => lookUpAddresses(ask, { name, type }, signal)),
		);
	}

	srv(servers: ServerList, name: string, listener: () => void): PollShare<SrvAnswer> {
		return this.#share(this.#srv, `${servers.key} ${name}`, listener, (signal) =>
			this.#run(servers, signal, (ask) => lookUpSrv(ask, name, signal)),
		);
	}

	#share<A extends { readonly ttl: number | undefined }>(
		polls: SharedPolls<A>,
		key: string,
		listener: () => void,
		lookUp: (signal: AbortSignal) => Promise<A>,
	): PollShare<A> {
		const { minInterval, maxInterval } = this.#times;
		const times: PollTimes<A> = {
			// An answer without a TTL is asked for again as soon as allowed.
			...{ interval: minInterval, minInterval, maxInterval, backoff: BACKOFF },
			maxAge: ({ ttl }) => (ttl === undefined ? undefined : ttl * 1_000),
		};
		const { poll, release } = polls.share(key, listener, () => new Poll(lookUp, times));
		return {
			poll,
			release: () => {
				release();
				if (this.#addresses.size + this.#srv.size === 0) this.#limiters.clear();
			},
		};
	}

	/** The time-out starts when the limiter lets the look-up run, and covers all its queries. */
	#run<T>(servers: ServerList, signal: AbortSignal, lookUp: (ask: Ask) => Promise<T>): Promise<T> {
		const limiter = this.#limiters.get(servers.key) ?? new Limiter(AT_ONCE);
		this.#limiters.set(servers.key, limiter);
		return limiter.run(() => {
			const deadline = performance.now() + this.#times.timeout;
			return lookUp(async (question, within) => {
				if (isLoopbackName(question.name)) return loopbackReply(question);
				const timeout = Math.max(1, deadline - performance.now());
				return tracedLookUp(
					"dns",
					`${question.name} ${question.type}`,
					() => {
						const asked = { timeout, signal: within, habits: this.#habits };
						const counted = { provider: "dns", signal: within } as const;
						return countedRequest(counted, () => askServers(servers.current(), question, asked));
					},
					replyText,
				);
			});
		}, signal);
	}
}
