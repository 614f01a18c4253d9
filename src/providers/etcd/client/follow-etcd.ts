import { Backoff } from "../../../util/backoff.js";
import { FingerpostError, SourceFailed } from "../../../util/errors.js";
import { pause } from "../../../util/time-limit.js";
import type { EtcdAccess } from "./etcd-access.js";
import { EtcdConnection } from "./etcd-connection.js";
import { EtcdSession } from "./etcd-session.js";
import type { EtcdTiming } from "./etcd-timing.js";
import type { FollowedPrefix } from "./followed-prefix.js";

/** Why there is nothing more to be had of a server, and for how long there was, in milliseconds. */
interface Failure {
	readonly error: FingerpostError;
	readonly workedFor: number;
}

/**
 * Follows prefixes of a cluster while there are any: at one server, and at the next one when that fails. Only when all
 * servers have failed in a row the prefixes are told, and it waits before the next round.
 */
export class FollowEtcd {
	readonly #access: EtcdAccess;
	readonly #timing: EtcdTiming;
	readonly #backoff: Backoff;
	readonly #prefixes = new Set<FollowedPrefix>();
	#abort: AbortController | undefined;
	#session: EtcdSession | undefined;
	/** Why nobody answers at present. */
	#error: FingerpostError | undefined;
	/** The index of the server that is asked. It outlasts the session, so that the next one begins with it. */
	#server = 0;

	constructor(access: EtcdAccess, timing: EtcdTiming) {
		this.#access = access;
		this.#timing = timing;
		const [base, max] = timing.backoff;
		this.#backoff = new Backoff({ base, max });
	}

	/** The first prefix opens the connection. */
	add(prefix: FollowedPrefix): void {
		this.#prefixes.add(prefix);
		if (!this.#abort) {
			this.#abort = new AbortController();
			void this.#run(this.#abort.signal);
			return;
		}
		this.#session?.add(prefix);
		if (!this.#session && this.#error) prefix.observer.failed(this.#error);
	}

	/** The last prefix takes the connection along. */
	remove(prefix: FollowedPrefix): void {
		if (!this.#prefixes.delete(prefix)) return;
		this.#session?.remove(prefix);
		if (this.#prefixes.size > 0) return;
		this.#abort?.abort();
		this.#abort = undefined;
		this.#error = undefined;
		this.#backoff.reset();
	}

	/** Never rejects. */
	async #run(signal: AbortSignal): Promise<void> {
		const { endpoints } = this.#access;
		let failures = 0;
		while (!signal.aborted) {
			const { error, workedFor } = await this.#follow(signal);
			if (signal.aborted) return;
			this.#server = (this.#server + 1) % endpoints.length;
			const isSteady = workedFor >= this.#timing.steady;
			if (isSteady) this.#backoff.reset();
			// The end of what has worked counts for nothing yet: another server, or the same one, may take over at once.
			failures = isSteady ? 0 : failures + 1;
			if (failures < endpoints.length) continue;
			failures = 0;
			const { length } = endpoints;
			this.#error =
				length === 1 ? error : new SourceFailed(`none of ${length} servers: ${error.message}`, { cause: error });
			for (const prefix of [...this.#prefixes]) {
				if (this.#prefixes.has(prefix)) prefix.observer.failed(this.#error);
			}
			await pause(this.#backoff.next(), signal).catch(() => {});
		}
	}

	/** One connection, until it fails or the signal fires. */
	async #follow(signal: AbortSignal): Promise<Failure> {
		const server = this.#access.endpoints[this.#server];
		if (!server) return { error: new SourceFailed("there is no etcd server to ask"), workedFor: 0 };
		const own = new AbortController();
		const until = AbortSignal.any([signal, own.signal]);
		let connection: EtcdConnection | undefined;
		try {
			connection = await EtcdConnection.open(server, {
				access: this.#access,
				answer: this.#timing.answer,
				signal: until,
			});
			return await this.#serve(connection, until);
		} catch (error) {
			return { error: FingerpostError.from(error, "SOURCE_FAILED"), workedFor: 0 };
		} finally {
			own.abort();
			connection?.close();
		}
	}

	#serve(connection: EtcdConnection, signal: AbortSignal): Promise<Failure> {
		return new Promise((resolve) => {
			const over = (error: FingerpostError) => {
				if (this.#session === session) this.#session = undefined;
				resolve({ error, workedFor: session.workedFor });
			};
			const session = new EtcdSession({ connection, timing: this.#timing, signal, failed: over });
			this.#session = session;
			const stop = () => {
				session.end();
				over(new SourceFailed("nobody wants to know any more"));
			};
			signal.addEventListener("abort", stop, { once: true });
			for (const prefix of [...this.#prefixes]) session.add(prefix);
		});
	}
}
