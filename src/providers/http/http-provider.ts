import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { Limiter } from "../../util/limiter.js";
import { HttpClient } from "../http-client/http-client.js";
import { Poll } from "../poll/poll.js";
import { SharedPolls } from "../poll/shared-polls.js";
import type { Provider, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import type { HttpAnswer } from "./http-answer.js";
import type { HttpOptions } from "./http-options.js";
import { HttpQuery } from "./http-query.js";
import { type HttpTarget, readHttpTarget } from "./http-target.js";

/** How many requests run at once; streams that are open do not count. */
const MAX_REQUESTS = 100;
/** The least time between two requests for a list, whatever the server says and however often it is refreshed. */
const MIN_INTERVAL_MS = 1_000;
/** A server may ask for longer intervals, up to this: it is to be noticed within 60 s that it is gone. */
const MAX_AGE_MS = 45_000;
const BACKOFF = { min: 1_000, base: 2_000, max: 30_000 };

/** `sd+http://host/path`, `sd+https://host/path`: a list that a web server gives, asked for again or sent as events. */
export class HttpProvider implements Provider {
	readonly #options: HttpOptions;
	readonly #client: HttpClient;
	readonly #limiter = new Limiter(MAX_REQUESTS);
	readonly #polls = new SharedPolls<HttpAnswer>();

	constructor(options: HttpOptions) {
		this.#options = options;
		const tokenHeaders = (token: string) => ({ authorization: `Bearer ${token}` });
		this.#client = new HttpClient({ ...options, provider: "sd", tokenHeaders });
	}

	/**
	 * Asks once.
	 * @throws SourceFailed if there is no list: a 404 does not say that there is no service. InvalidTarget, the signal's
	 *   reason.
	 */
	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const query = this.#query(readOrThrow(target, readHttpTarget));
		const letGo = this.#client.hold();
		try {
			return (await query.next(signal)).endpoints;
		} finally {
			letGo();
		}
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readHttpTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const tellAnswer = ({ endpoints, changedAt }: HttpAnswer) =>
			observer.endpoints(endpoints, changedAt === undefined ? {} : { changedAt });
		const tell = () => {
			const { answer, error } = share.poll;
			if (error) observer.failed(error);
			else if (answer) tellAnswer(answer);
		};
		const letGo = this.#client.hold();
		const share = this.#polls.share(target.text, tell, () => this.#poll(read));
		const end = () => {
			share.release();
			letGo();
		};
		signal.addEventListener("abort", end, { once: true });
		// Another watch of the target may have an answer or a failure already.
		const { answer, error } = share.poll;
		if (answer) tellAnswer(answer);
		if (error && !signal.aborted) observer.failed(error);
	}

	refresh(target: Target): void {
		this.#polls.get(target.text)?.refresh();
	}

	#query(read: HttpTarget): HttpQuery {
		return new HttpQuery(read, { client: this.#client, limiter: this.#limiter, settings: this.#options });
	}

	#poll(read: HttpTarget): Poll<HttpAnswer> {
		const { interval } = this.#options;
		const query = this.#query(read);
		return new Poll((signal, previous, tell) => query.next(signal, previous, tell), {
			...{ interval, minInterval: Math.min(interval, MIN_INTERVAL_MS), maxInterval: Math.max(interval, MAX_AGE_MS) },
			maxAge: ({ maxAge }) => maxAge,
			backoff: BACKOFF,
		});
	}
}
