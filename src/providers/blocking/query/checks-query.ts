import { messageOf, SourceFailed } from "../../../util/errors.js";
import { askInTurn, PACE_MS, WAIT_MS } from "./ask-in-turn.js";
import type { BlockingSource, ChecksReply, Parameters } from "./blocking-source.js";
import type { QueryTurns } from "./query-turns.js";

/** Which checks did not pass when the source was last asked. */
export interface ChecksAnswer {
	readonly index: number;
	readonly failing: ChecksReply["failing"];
	/** Milliseconds before the next query. */
	readonly pause: number;
}

/** The index rises with all that any check has to say: no more than five answers a second. */
const CHECKS_PACE_MS = 200;

export interface ChecksQueryOptions {
	readonly source: Pick<BlockingSource<unknown>, "name" | "address" | "checks">;
	readonly turns: QueryTurns;
	readonly parameters: Parameters;
}

/** All checks that do not pass, asked for by blocking queries. */
export class ChecksQuery {
	readonly #options: ChecksQueryOptions;
	#anew = true;

	constructor(options: ChecksQueryOptions) {
		this.#options = options;
	}

	/** Asks until there is something to say. @throws SourceFailed, the signal's reason. */
	async next(signal: AbortSignal, previous?: ChecksAnswer): Promise<ChecksAnswer> {
		const { source, turns, parameters } = this.#options;
		const index = this.#anew ? 0 : (previous?.index ?? 0);
		const asked = performance.now();
		this.#anew = true;
		try {
			const turn = { turns, index, wait: WAIT_MS, first: true, keeps: true };
			const reply = await askInTurn(turn, signal, async (blocking, end) =>
				source.checks?.({ ...blocking, parameters }, end),
			);
			if (!reply) throw new SourceFailed("it has no checks");
			this.#anew = reply.index < index;
			if (previous && reply.index === index) {
				return { ...previous, pause: performance.now() - asked < PACE_MS ? PACE_MS : 0 };
			}
			return { index: reply.index, failing: reply.failing, pause: CHECKS_PACE_MS };
		} catch (cause) {
			signal.throwIfAborted();
			const what = `cannot list the checks of ${source.name} at ${source.address}`;
			throw new SourceFailed(`${what}: ${messageOf(cause)}`, { cause });
		}
	}
}
