import { messageOf, SourceFailed } from "../../../util/errors.js";
import { sameValue } from "../../../util/same-value.js";
import { pause, withinLimit } from "../../../util/time-limit.js";
import { ANSWER_MS, askInTurn, late, PACE_MS } from "./ask-in-turn.js";
import { type BlockingSource, type Parameters, QueryBroke, type ServiceReply } from "./blocking-source.js";
import type { QueryTurns } from "./query-turns.js";

/** What a service was when it was last asked for. */
export interface ServiceAnswer<Entry> {
	readonly index: number;
	readonly entries: readonly Entry[];
	/** Some were left out because the token may not read them. */
	readonly filtered: boolean;
	/** Whether the query was not for what is new: after a failure, or where an index is void. */
	readonly anew: boolean;
	/** Milliseconds before the next query. */
	readonly pause: number;
}

/** How long a query waits for something new, and how long nobody asks after it: milliseconds. */
export interface Pace {
	readonly wait: number;
	readonly rest: number;
	/** Whether something is known to have changed. */
	readonly urgent?: boolean;
}

export interface ServiceQueryOptions<Entry> {
	readonly source: BlockingSource<Entry>;
	readonly turns: QueryTurns;
	readonly service: string;
	readonly parameters: Parameters;
	readonly pace: () => Pace;
	/** How many instances are taken. */
	readonly most: () => number;
	/** Told after each question. @param found the index at which the service was found to be another than before. */
	readonly onAsked?: (found: number | undefined) => void;
}

/** One service, asked for by blocking queries; what an answer says depends on its index. */
export class ServiceQuery<Entry> {
	readonly #options: ServiceQueryOptions<Entry>;
	/** The next query asks for what is there, not for what is new. */
	#anew = true;
	#askedAt = Number.NEGATIVE_INFINITY;
	#begunAt = Number.NEGATIVE_INFINITY;
	#found: number | undefined;

	constructor(options: ServiceQueryOptions<Entry>) {
		this.#options = options;
	}

	/** Asks until there is something to say. @throws SourceFailed, the signal's reason. */
	async next(signal: AbortSignal, previous?: ServiceAnswer<Entry>): Promise<ServiceAnswer<Entry>> {
		const { source, service } = this.#options;
		const pace = this.#options.pace();
		this.#found = undefined;
		try {
			const answer = await this.#next(signal, this.#anew ? undefined : previous, pace);
			this.#anew = false;
			return pace.rest > 0 ? { ...answer, pause: pace.rest } : answer;
		} catch (cause) {
			signal.throwIfAborted();
			// Another agent may answer next, whose index is lower: it would stay silent.
			this.#anew = true;
			const what = `cannot read the service "${service}" of ${source.name} at ${source.address}`;
			throw new SourceFailed(`${what}: ${messageOf(cause)}`, { cause });
		} finally {
			this.#options.onAsked?.(this.#found);
		}
	}

	async #next(
		signal: AbortSignal,
		previous: ServiceAnswer<Entry> | undefined,
		pace: Pace,
	): Promise<ServiceAnswer<Entry>> {
		let reply: ServiceReply<Entry>;
		try {
			reply = await this.#ask(signal, previous?.index ?? 0, pace);
		} catch (error) {
			if (!(error instanceof QueryBroke)) throw error;
			await this.#paced(signal);
			return this.#fromTheStart(signal, pace);
		}
		if (!previous || reply.index > previous.index) return this.#accepted(reply, { signal, previous, pace });
		if (reply.index < previous.index) return this.#fromTheStart(signal, pace);
		const askedAt = this.#askedAt;
		// The body is that of the index which is known, or of a token that has lost its rights.
		if (reply.entries.length === 0 && previous.entries.length > 0) await this.#checkEmpty(reply, signal);
		const early = performance.now() - askedAt < pace.wait / 2;
		return { ...previous, pause: early ? PACE_MS : 0 };
	}

	/** A server was restored or is back, or another one answers: all that was known of the index is void. */
	async #fromTheStart(signal: AbortSignal, pace: Pace): Promise<ServiceAnswer<Entry>> {
		const again = performance.now() - this.#begunAt < 10 * PACE_MS;
		if (again) await this.#paced(signal);
		this.#begunAt = performance.now();
		const answer = await this.#accepted(await this.#ask(signal, 0, pace), { signal, previous: undefined, pace });
		return { ...answer, pause: PACE_MS };
	}

	async #accepted(
		reply: ServiceReply<Entry>,
		{ signal, previous, pace }: { signal: AbortSignal; previous: ServiceAnswer<Entry> | undefined; pace: Pace },
	): Promise<ServiceAnswer<Entry>> {
		const { index, entries, filtered } = await this.#believed(reply, signal, pace);
		// The index rises for much that is no change here, such as what a check has to say.
		const same = previous !== undefined && sameValue(previous.entries, entries);
		if (previous && !same) this.#found = index;
		return {
			index,
			filtered,
			anew: previous === undefined,
			entries: same ? previous.entries : entries,
			pause: same ? PACE_MS : 0,
		};
	}

	/** The answer, or the one after it. @throws SourceFailed if it is empty and does not say that there is nothing. */
	async #believed(reply: ServiceReply<Entry>, signal: AbortSignal, pace: Pace): Promise<ServiceReply<Entry>> {
		if (reply.entries.length > 0 || !(await this.#checkEmpty(reply, signal))) return reply;
		// The right to read it may have come after the answer, whose index would stand still. It is asked for once more
		// without a pause: an index that stands still does not lead here again.
		const again = await this.#ask(signal, 0, pace);
		if (again.entries.length === 0) this.#checkTold(again);
		return again;
	}

	/**
	 * @returns whether the source was asked if the token may read the service, and said so.
	 * @throws SourceFailed unless the empty answer says that there is nothing.
	 */
	async #checkEmpty(reply: ServiceReply<Entry>, signal: AbortSignal): Promise<boolean> {
		this.#checkTold(reply);
		const { source, turns, service, parameters } = this.#options;
		if (!reply.denies || !source.mayRead) return false;
		await this.#paced(signal);
		const ask = async (end: AbortSignal) => {
			this.#askedAt = performance.now();
			return source.mayRead?.(service, parameters, end);
		};
		const limit = { ms: ANSWER_MS, late: () => late(ANSWER_MS), signal };
		const allowed = await turns.run(() => withinLimit(limit, ask), { signal, first: true, patient: false });
		if (allowed === false) throw this.#notAllowed();
		return allowed === true;
	}

	/** @throws SourceFailed if the empty answer itself says that there may be something. */
	#checkTold({ filtered, leaderless }: ServiceReply<Entry>): void {
		if (filtered) throw this.#notAllowed();
		if (leaderless) throw new SourceFailed("it answered with an empty list, and knows no leader");
	}

	#notAllowed(): SourceFailed {
		const { source, service } = this.#options;
		const cure = source.rightsFor?.(service) ?? "check the rights of the token";
		return new SourceFailed(`the list is empty, because the token may not read it: ${cure}`);
	}

	#ask(signal: AbortSignal, index: number, { wait, urgent = false }: Pace): Promise<ServiceReply<Entry>> {
		const { source, turns, service, parameters, most } = this.#options;
		return askInTurn({ turns, index, wait, first: urgent || index === 0 }, signal, (blocking, end) => {
			this.#askedAt = performance.now();
			return source.service(service, { ...blocking, parameters, most: most() }, end);
		});
	}

	/** Until the last request is a second ago. */
	async #paced(signal: AbortSignal): Promise<void> {
		const left = this.#askedAt + PACE_MS - performance.now();
		if (left > 0) await pause(left, signal);
	}
}
