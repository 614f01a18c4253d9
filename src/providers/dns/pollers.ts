import { Limiter } from "../../util/limiter.js";
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
import { ServerHabits } from "./client/server-habits.js";
import type { ServerList } from "./client/server-list.js";
import { type Expiring, Poller, type PollerOptions } from "./poller.js";

/** The limit of look-ups that run at once at one list of servers: more would cost sockets and answers. */
const AT_ONCE = 100;

export interface PollersOptions extends PollerOptions {
	/** Milliseconds for one look-up. */
	readonly timeout: number;
}

/** A share in a poller. */
export interface Lease<A extends Expiring> {
	readonly poller: Poller<A>;
	/** Gives it back; the poller of the last share ends. */
	release(): void;
}

/** One poller for each question to the same servers, however many want to know. */
export class Pollers {
	readonly #options: PollersOptions;
	readonly #addresses = new Map<string, Poller<AddressAnswer>>();
	readonly #srv = new Map<string, Poller<SrvAnswer>>();
	readonly #habits = new ServerHabits();
	readonly #limiters = new Map<string, Limiter>();

	constructor(options: PollersOptions) {
		this.#options = options;
	}

	/** How many questions are being asked. */
	get size(): number {
		return this.#addresses.size + this.#srv.size;
	}

	addresses(servers: ServerList, name: string, type: AddressType, listener: () => void): Lease<AddressAnswer> {
		return this.#lease(this.#addresses, `${servers.key} ${type} ${name}`, listener, (signal) =>
			this.#run(servers, signal, (ask) => lookUpAddresses(ask, { name, type }, signal)),
		);
	}

	srv(servers: ServerList, name: string, listener: () => void): Lease<SrvAnswer> {
		return this.#lease(this.#srv, `${servers.key} ${name}`, listener, (signal) =>
			this.#run(servers, signal, (ask) => lookUpSrv(ask, name, signal)),
		);
	}

	#lease<A extends Expiring>(
		pollers: Map<string, Poller<A>>,
		key: string,
		listener: () => void,
		lookUp: (signal: AbortSignal) => Promise<A>,
	): Lease<A> {
		const poller = pollers.get(key) ?? new Poller(lookUp, this.#options);
		pollers.set(key, poller);
		// The same listener may hold several shares.
		const own = () => listener();
		poller.add(own);
		return {
			poller,
			release: () => {
				if (poller.remove(own) && pollers.get(key) === poller) pollers.delete(key);
				if (this.size === 0) this.#limiters.clear();
			},
		};
	}

	/** The time-out counts from when the look-up has its turn, for all that it asks. */
	#run<T>(servers: ServerList, signal: AbortSignal, lookUp: (ask: Ask) => Promise<T>): Promise<T> {
		const limiter = this.#limiters.get(servers.key) ?? new Limiter(AT_ONCE);
		this.#limiters.set(servers.key, limiter);
		return limiter.run(() => {
			const deadline = performance.now() + this.#options.timeout;
			return lookUp(async (question, within) => {
				if (isLoopbackName(question.name)) return loopbackReply(question);
				const timeout = Math.max(1, deadline - performance.now());
				return askServers(servers.current(), question, { timeout, signal: within, habits: this.#habits });
			});
		}, signal);
	}
}
