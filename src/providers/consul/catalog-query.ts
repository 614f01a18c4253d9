import { formatDuration } from "../../util/duration.js";
import { messageOf, SourceFailed } from "../../util/errors.js";
import { withinLimit } from "../../util/time-limit.js";
import { AgentUnreachable, type ConsulClient, type Parameters, type ServicesReply } from "./consul-client.js";
import { GIVEN_UP, type QueryTurns } from "./query-turns.js";

/** Which services there were when Consul was last asked. */
export interface CatalogAnswer {
	readonly index: number;
	readonly services: ServicesReply["services"];
	readonly datacenter: string | undefined;
	/** Milliseconds before the next query. */
	readonly pause: number;
}

/** Seconds that a query waits for something new; fewer where queries take turns. */
const WAIT_S = 40;
const SHORT_WAIT_S = 1;
/** Until an answer that need not be waited for: milliseconds. */
const ANSWER_MS = 10_000;
/** Between requests that bring nothing new: milliseconds. */
const PACE_MS = 1_000;
/** Of services that are missing in a list, so many are asked for one by one. */
const MOST_ASKED = 50;

export interface CatalogQueryOptions {
	readonly client: ConsulClient;
	readonly turns: QueryTurns;
	readonly parameters: Parameters;
	/** The datacenter, where it is known already. */
	readonly datacenter: string | undefined;
}

/** All services, asked for by blocking queries. */
export class CatalogQuery {
	readonly #options: CatalogQueryOptions;
	/** The next query asks for what is there, not for what is new. */
	#anew = true;

	constructor(options: CatalogQueryOptions) {
		this.#options = options;
	}

	/** Asks until there is something to say. @throws SourceFailed, the signal's reason. */
	async next(signal: AbortSignal, previous?: CatalogAnswer): Promise<CatalogAnswer> {
		const { client } = this.#options;
		try {
			const answer = await this.#next(signal, previous);
			this.#anew = false;
			return answer;
		} catch (cause) {
			signal.throwIfAborted();
			this.#anew = true;
			throw new SourceFailed(`cannot list the services of Consul at ${client.address}: ${messageOf(cause)}`, { cause });
		}
	}

	async #next(signal: AbortSignal, previous: CatalogAnswer | undefined): Promise<CatalogAnswer> {
		const index = this.#anew ? 0 : (previous?.index ?? 0);
		const asked = performance.now();
		const reply = await this.#ask(signal, index);
		if (previous && index > 0) {
			// A server was restored, or another one answers: what was known of the index is void.
			if (reply.index < index) {
				this.#anew = true;
				return { ...previous, index: reply.index, pause: PACE_MS };
			}
			// The body is that of the index which is known, or of a token that has lost its rights.
			if (reply.index === index) return { ...previous, pause: performance.now() - asked < PACE_MS ? PACE_MS : 0 };
		}
		await this.#checkMissing(reply, previous?.services, signal);
		const datacenter = previous?.datacenter ?? this.#options.datacenter ?? (await this.#ownDatacenter(signal));
		return { index: reply.index, services: reply.services, datacenter, pause: 0 };
	}

	/** @throws SourceFailed unless the answer says that what it lacks is not there. */
	async #checkMissing(
		{ services, filtered, leaderless, denies }: ServicesReply,
		before: ServicesReply["services"] | undefined,
		signal: AbortSignal,
	): Promise<void> {
		// Consul itself is one.
		if (services.size === 0) throw new SourceFailed("the list is empty; the token may not read any service");
		const missing = [...(before?.keys() ?? [])].filter((name) => !services.has(name));
		if (missing.length === 0) return;
		if (leaderless) throw new SourceFailed(`it lacks ${missing.length} services, and knows no leader`);
		if (!filtered && !denies) return;
		const { client, parameters } = this.#options;
		for (const name of missing.slice(0, MOST_ASKED)) {
			const allowed = await withinLimit({ ms: ANSWER_MS, late: () => late(ANSWER_MS), signal }, (end) =>
				client.mayRead(name, parameters, end),
			);
			if (allowed === false) {
				throw new SourceFailed(`it lacks ${missing.length} services, such as "${name}", which the token may not read`);
			}
		}
	}

	async #ownDatacenter(signal: AbortSignal): Promise<string | undefined> {
		const limit = { ms: ANSWER_MS, late: () => late(ANSWER_MS), signal };
		return withinLimit(limit, (end) => this.#options.client.datacenter(end));
	}

	/** @returns the answer to a request that has had its turn. */
	async #ask(signal: AbortSignal, index: number): Promise<ServicesReply> {
		const { client, turns, parameters } = this.#options;
		let wait = WAIT_S;
		for (;;) {
			const limit = index === 0 ? ANSWER_MS : ANSWER_MS + (wait * 17_000) / 16;
			const reply = await turns.run(
				(giveUp) =>
					withinLimit({ ms: limit, late: () => late(limit), signal: AbortSignal.any([signal, giveUp]) }, (end) =>
						client.services(parameters, { index, wait }, end),
					),
				{ signal, first: true, patient: index > 0 && wait === WAIT_S },
			);
			if (reply !== GIVEN_UP) return reply;
			wait = SHORT_WAIT_S;
		}
	}
}

function late(limit: number): Error {
	return new AgentUnreachable(`no answer within ${formatDuration(Math.round(limit))}`);
}
