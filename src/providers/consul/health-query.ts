import { formatDuration } from "../../util/duration.js";
import { messageOf, SourceFailed } from "../../util/errors.js";
import { sameValue } from "../../util/same-value.js";
import { pause, withinLimit } from "../../util/time-limit.js";
import { AgentUnreachable, type ConsulClient, type HealthReply, type Parameters, QueryBroke } from "./consul-client.js";
import type { HealthEntry } from "./health-entry.js";
import { GIVEN_UP, type QueryTurns } from "./query-turns.js";

/** What a service was when it was last asked for. */
export interface ServiceHealth {
	readonly index: number;
	readonly entries: readonly HealthEntry[];
	/** Some were left out because the token may not read them. */
	readonly filtered: boolean;
	/** Milliseconds before the next query. */
	readonly pause: number;
}

/** Seconds that a query waits for something new; Consul adds up to a sixteenth. */
const WAIT_S = 40;
/** The same where queries take turns. */
const SHORT_WAIT_S = 1;
/** Until an answer that need not be waited for: milliseconds. With the wait it is less than 60 s. */
const ANSWER_MS = 10_000;
/** Between requests that bring nothing new, or fail: milliseconds. */
const PACE_MS = 1_000;

export interface HealthQueryOptions {
	readonly client: ConsulClient;
	readonly turns: QueryTurns;
	readonly service: string;
	readonly parameters: Parameters;
	/** Whether there are more queries than turns. */
	readonly crowded: () => boolean;
}

/** One service, asked for by blocking queries; what an answer says depends on its index. */
export class HealthQuery {
	readonly #options: HealthQueryOptions;
	/** The next query asks for what is there, not for what is new. */
	#anew = true;
	#askedAt = Number.NEGATIVE_INFINITY;
	#begunAt = Number.NEGATIVE_INFINITY;

	constructor(options: HealthQueryOptions) {
		this.#options = options;
	}

	/** Asks until there is something to say. @throws SourceFailed, the signal's reason. */
	async next(signal: AbortSignal, previous?: ServiceHealth): Promise<ServiceHealth> {
		const { client, service } = this.#options;
		try {
			const health = await this.#next(signal, this.#anew ? undefined : previous);
			this.#anew = false;
			return health;
		} catch (cause) {
			signal.throwIfAborted();
			// Another agent may answer next, whose index is lower: it would stay silent.
			this.#anew = true;
			const what = `cannot read the service "${service}" of Consul at ${client.address}`;
			throw new SourceFailed(`${what}: ${messageOf(cause)}`, { cause });
		}
	}

	async #next(signal: AbortSignal, previous: ServiceHealth | undefined): Promise<ServiceHealth> {
		const wait = this.#options.crowded() ? SHORT_WAIT_S : WAIT_S;
		let reply: HealthReply;
		try {
			reply = await this.#ask(signal, previous?.index ?? 0, wait);
		} catch (error) {
			if (!(error instanceof QueryBroke)) throw error;
			await this.#paced(signal);
			return this.#fromTheStart(signal);
		}
		if (!previous || reply.index > previous.index) return this.#accepted(reply, signal, previous);
		if (reply.index < previous.index) return this.#fromTheStart(signal);
		const askedAt = this.#askedAt;
		// The body is that of the index which is known, or of a token that has lost its rights.
		if (reply.entries.length === 0 && previous.entries.length > 0) await this.#checkEmpty(reply, signal);
		const early = performance.now() - askedAt < (wait * 1_000) / 2;
		return { ...previous, pause: early ? PACE_MS : 0 };
	}

	/** A server was restored or is back, or another one answers: all that was known of the index is void. */
	async #fromTheStart(signal: AbortSignal): Promise<ServiceHealth> {
		const again = performance.now() - this.#begunAt < 10 * PACE_MS;
		if (again) await this.#paced(signal);
		this.#begunAt = performance.now();
		const health = await this.#accepted(await this.#ask(signal, 0, 0), signal, undefined);
		return { ...health, pause: PACE_MS };
	}

	async #accepted(
		reply: HealthReply,
		signal: AbortSignal,
		previous: ServiceHealth | undefined,
	): Promise<ServiceHealth> {
		const { index, entries, filtered } = reply;
		if (entries.length === 0) await this.#checkEmpty(reply, signal);
		// The index rises for much that is no change here, such as what a check has to say.
		const same = previous !== undefined && sameValue(previous.entries, entries);
		return { index, filtered, entries: same ? previous.entries : entries, pause: same ? PACE_MS : 0 };
	}

	/** @throws SourceFailed unless the empty answer says that there is nothing. */
	async #checkEmpty({ filtered, leaderless, denies }: HealthReply, signal: AbortSignal): Promise<void> {
		const { client, turns, service, parameters } = this.#options;
		if (filtered) throw new SourceFailed(notAllowed(service));
		if (leaderless) throw new SourceFailed("it answered with an empty list, and knows no leader");
		if (!denies) return;
		await this.#paced(signal);
		const ask = (end: AbortSignal) => {
			this.#askedAt = performance.now();
			return client.mayRead(service, parameters, end);
		};
		const allowed = await turns.run(() => withinLimit({ ms: ANSWER_MS, late, signal }, ask), {
			...{ signal, first: true, patient: false },
		});
		if (allowed === false) throw new SourceFailed(notAllowed(service));
	}

	/** @returns the answer to a request that has had its turn. */
	async #ask(signal: AbortSignal, index: number, wait: number): Promise<HealthReply> {
		const { client, turns, service, parameters } = this.#options;
		let seconds = wait;
		for (;;) {
			const limit = index === 0 ? ANSWER_MS : ANSWER_MS + (seconds * 17_000) / 16;
			const late = () => new AgentUnreachable(`no answer within ${formatDuration(Math.round(limit))}`);
			const reply = await turns.run(
				(giveUp) =>
					withinLimit({ ms: limit, late, signal: AbortSignal.any([signal, giveUp]) }, (end) => {
						this.#askedAt = performance.now();
						return client.health(service, parameters, { index, wait: seconds }, end);
					}),
				{ signal, first: index === 0, patient: index > 0 && seconds === WAIT_S },
			);
			if (reply !== GIVEN_UP) return reply;
			seconds = SHORT_WAIT_S;
		}
	}

	/** Until the last request is a second ago. */
	async #paced(signal: AbortSignal): Promise<void> {
		const left = this.#askedAt + PACE_MS - performance.now();
		if (left > 0) await pause(left, signal);
	}
}

function notAllowed(service: string): string {
	return `the list is empty, because the token may not read it: allow service:read on "${service}" and node:read on its nodes`;
}

function late(): Error {
	return new AgentUnreachable(`no answer within ${formatDuration(ANSWER_MS)}`);
}
