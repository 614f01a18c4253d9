import { messageOf, SourceFailed } from "../../../util/errors.js";
import { pause, withinLimit } from "../../../util/time-limit.js";
import { ANSWER_MS, askInTurn, late, PACE_MS, WAIT_MS } from "./ask-in-turn.js";
import type { BlockingSource, Parameters, ServicesReply } from "./blocking-source.js";
import type { QueryTurns } from "./query-turns.js";

/** Which services there were when the source was last asked. */
export interface ServicesAnswer {
	readonly index: number;
	readonly services: ServicesReply["services"];
	readonly datacenter: string | undefined;
	/** Milliseconds before the next query. */
	readonly pause: number;
}

/** Of services that are missing in a list, so many are asked for one by one. */
const MOST_ASKED = 50;
/** After a new list, which may be long, until the next one: milliseconds. */
const LIST_PACE_MS = 100;

export interface ServicesQueryOptions {
	readonly source: Pick<BlockingSource<unknown>, "name" | "address" | "services" | "mayRead" | "datacenter">;
	readonly turns: QueryTurns;
	readonly parameters: Parameters;
	/** The datacenter, where it is known already. */
	readonly datacenter: string | undefined;
	/** Whether a list may be empty. */
	readonly mayBeEmpty: boolean;
	/** Whether it keeps its turn although others want one. */
	readonly keeps: boolean;
}

/** All services, asked for by blocking queries. */
export class ServicesQuery {
	readonly #options: ServicesQueryOptions;
	/** The next query asks for what is there, not for what is new. */
	#anew = true;

	constructor(options: ServicesQueryOptions) {
		this.#options = options;
	}

	/** Asks until there is something to say. @throws SourceFailed, the signal's reason. */
	async next(signal: AbortSignal, previous?: ServicesAnswer): Promise<ServicesAnswer> {
		const { source } = this.#options;
		try {
			const answer = await this.#next(signal, previous);
			this.#anew = false;
			return answer;
		} catch (cause) {
			signal.throwIfAborted();
			this.#anew = true;
			const what = `cannot list the services of ${source.name} at ${source.address}`;
			throw new SourceFailed(`${what}: ${messageOf(cause)}`, { cause });
		}
	}

	async #next(signal: AbortSignal, previous: ServicesAnswer | undefined): Promise<ServicesAnswer> {
		const { source, turns, parameters, keeps } = this.#options;
		const index = this.#anew ? 0 : (previous?.index ?? 0);
		const asked = performance.now();
		const ask = (from: number) =>
			askInTurn({ turns, index: from, wait: WAIT_MS, first: true, keeps }, signal, (blocking, end) =>
				source.services({ ...blocking, parameters }, end),
			);
		let reply = await ask(index);
		if (previous && index > 0) {
			// A server was restored, or another one answers: what was known of the index is void.
			if (reply.index < index) {
				this.#anew = true;
				return { ...previous, index: reply.index, pause: PACE_MS };
			}
			// The body is that of the index which is known, or of a token that has lost its rights.
			if (reply.index === index) return { ...previous, pause: performance.now() - asked < PACE_MS ? PACE_MS : 0 };
		}
		if (await this.#checkMissing(reply, previous?.services, signal)) {
			// The right to read them may have come after the answer, whose index would stand still.
			await pause(PACE_MS, signal);
			const first = reply;
			reply = await ask(0);
			this.#checkTold(reply, missingIn(reply, previous?.services));
			const [lost] = missingIn(reply, first.services);
			if (lost !== undefined) throw new SourceFailed(`it lacks "${lost}", which it had a second ago`);
		}
		const datacenter = previous?.datacenter ?? this.#options.datacenter ?? (await this.#ownDatacenter(signal));
		return { index: reply.index, services: reply.services, datacenter, pause: LIST_PACE_MS };
	}

	/**
	 * @returns whether the source was asked if the token may read what is missing, and said so.
	 * @throws SourceFailed unless the answer says that what it lacks is not there.
	 */
	async #checkMissing(
		reply: ServicesReply,
		before: ServicesReply["services"] | undefined,
		signal: AbortSignal,
	): Promise<boolean> {
		const missing = missingIn(reply, before);
		this.#checkTold(reply, missing);
		if (missing.length === 0 || (!reply.filtered && !reply.denies)) return false;
		const { source, parameters } = this.#options;
		for (const name of missing.slice(0, MOST_ASKED)) {
			const limit = { ms: ANSWER_MS, late: () => late(ANSWER_MS), signal };
			const allowed = await withinLimit(limit, async (end) => source.mayRead?.(name, parameters, end));
			if (allowed === false) {
				throw new SourceFailed(`it lacks ${missing.length} services, such as "${name}", which the token may not read`);
			}
		}
		return source.mayRead !== undefined;
	}

	/** @throws SourceFailed if the answer itself says that there may be more. */
	#checkTold({ services, leaderless }: ServicesReply, missing: readonly string[]): void {
		if (services.size === 0 && !this.#options.mayBeEmpty) {
			throw new SourceFailed("the list is empty; the token may not read any service");
		}
		if (missing.length > 0 && leaderless) {
			throw new SourceFailed(`it lacks ${missing.length} services, and knows no leader`);
		}
	}

	async #ownDatacenter(signal: AbortSignal): Promise<string | undefined> {
		const limit = { ms: ANSWER_MS, late: () => late(ANSWER_MS), signal };
		return withinLimit(limit, async (end) => this.#options.source.datacenter?.(end));
	}
}

function missingIn({ services }: ServicesReply, before: ServicesReply["services"] | undefined): readonly string[] {
	return [...(before?.keys() ?? [])].filter((name) => !services.has(name));
}
