import { formatDuration } from "../../../util/duration.js";
import { withinLimit } from "../../../util/time-limit.js";
import { AgentUnreachable, type Blocking } from "./blocking-source.js";
import { GIVEN_UP, type QueryTurns } from "./query-turns.js";

/** Until an answer that need not be waited for: milliseconds. With the wait it is less than 60 s. */
export const ANSWER_MS = 10_000;
/** So long a query waits for something new; the source adds up to a sixteenth. */
export const WAIT_MS = 40_000;
/** The same where queries take turns. */
export const SHORT_WAIT_MS = 1_000;
/** Between requests that bring nothing new, or fail: milliseconds. */
export const PACE_MS = 1_000;

export interface Turn extends Blocking {
	readonly turns: QueryTurns;
	/** Comes before those who have been told something already. */
	readonly first: boolean;
	/** Whether it keeps its turn although others want one. */
	readonly keeps?: boolean;
}

/** @returns the answer to a request that has had its turn. @throws AgentUnreachable, what the request throws. */
export async function askInTurn<R>(
	{ turns, index, wait, first, keeps = false }: Turn,
	signal: AbortSignal,
	ask: (blocking: Blocking, end: AbortSignal) => Promise<R>,
): Promise<R> {
	for (let ms = wait; ; ms = SHORT_WAIT_MS) {
		const limit = index === 0 ? ANSWER_MS : ANSWER_MS + (ms * 17) / 16;
		const reply = await turns.run(
			(giveUp) =>
				withinLimit({ ms: limit, late: () => late(limit), signal: AbortSignal.any([signal, giveUp]) }, (end) =>
					ask({ index, wait: ms }, end),
				),
			{ signal, first, patient: index > 0 && ms === WAIT_MS && !keeps },
		);
		if (reply !== GIVEN_UP) return reply;
	}
}

export function late(limit: number): Error {
	return new AgentUnreachable(`no answer within ${formatDuration(Math.round(limit))}`);
}
