import { formatHostPort } from "../model/host-port.js";
import type { HttpAccessOptions } from "../providers/http-client/http-access.js";
import { HttpClient } from "../providers/http-client/http-client.js";
import { readBody, readError } from "../providers/http-client/read-body.js";
import { SourceFailed } from "../util/errors.js";
import { withinLimit } from "../util/time-limit.js";
import { MAX_ANSWER_BYTES } from "./replica-answer.js";
import type { ReplicaPlace } from "./replica-settings.js";

/** Milliseconds for an answer, beside the waiting that was asked for. */
const TIMEOUT_MS = 5_000;

/** What is asked of a replica. */
export interface ReplicaQuestion {
	/** What is known of whom: only what has changed since then is told. */
	readonly known: { readonly replica: string; readonly version: number } | undefined;
	/** Milliseconds to wait where nothing has changed. */
	readonly wait: number;
}

/** Asks the admin API of replicas for their clients, straight: through no proxy. */
export class ReplicaClient {
	readonly #http: HttpClient;
	readonly #letGo: () => void;

	constructor(access: HttpAccessOptions) {
		const tokenHeaders = (token: string) => ({ authorization: `Bearer ${token}` });
		this.#http = new HttpClient({ ...access, tokenHeaders, isDirect: true });
		this.#letGo = this.#http.hold();
	}

	/** Ends all connections. */
	close(): void {
		this.#letGo();
	}

	/**
	 * @returns the text of the answer.
	 * @throws SourceFailed; the signal's reason once it fires.
	 */
	ask(place: ReplicaPlace, { known, wait }: ReplicaQuestion, signal: AbortSignal): Promise<string> {
		const url = new URL(`${place.tls ? "https" : "http"}://${formatHostPort(place)}/api/v1/demand`);
		if (known) url.search = String(new URLSearchParams({ replica: known.replica, since: String(known.version) }));
		url.searchParams.set("wait", `${wait}ms`);
		const late = () => new SourceFailed(`no answer within ${TIMEOUT_MS / 1_000} s`);
		return withinLimit({ ms: wait + TIMEOUT_MS, late, signal }, async (end) => {
			const headers = { accept: "application/json" };
			const response = await this.#http.open({ url, servername: place.servername, headers, signal: end });
			if (response.statusCode === 200) return readBody(response, MAX_ANSWER_BYTES);
			const said = await readError(response);
			throw new SourceFailed(`it answers ${response.statusCode}${said === "" ? "" : `: ${said}`}`);
		});
	}
}
