import { unusableAddress } from "../../model/endpoint-address.js";
import type { FingerpostError } from "../../util/errors.js";
import type { PollShare } from "../poll/shared-polls.js";
import type { Missing } from "./client/follow-chain.js";
import type { AddressAnswer, AddressType } from "./client/look-up.js";
import type { ServerList } from "./client/server-list.js";
import type { AddressFamily } from "./dns-options.js";
import type { HostsFile } from "./hosts-file.js";
import type { Questions } from "./questions.js";

/** What is known of a host's addresses. */
export interface KnownAddresses {
	/** Those of the first family come first. A family whose look-up fails keeps its last answer. */
	readonly addresses: readonly {
		readonly address: string;
		readonly type: AddressType;
		/** Of the last answer, in seconds; undefined where there was none. */
		readonly ttl: number | undefined;
	}[];
	/** The errors of the families whose newest look-up failed. */
	readonly errors: readonly FingerpostError[];
	/** Whether a wanted family has never answered. */
	readonly partial: boolean;
	/** Addresses that are no endpoints, and why, in a sentence each. */
	readonly notes: readonly string[];
	/** Why the host has no usable address; absent where it has one or a look-up failed. */
	readonly missing?: string;
}

interface Family {
	readonly type: AddressType;
	/** Undefined before the first answer. */
	readonly addresses: readonly string[] | undefined;
	readonly ttl?: number | undefined;
	readonly error?: FingerpostError;
	readonly missing?: Missing;
}

/** Who is asked for what, and who wants to hear of it. */
export interface LookUpContext {
	readonly questions: Questions;
	readonly servers: ServerList;
	/** Its names need no server; undefined where a server is to be asked whatever the file says. */
	readonly hosts?: HostsFile | undefined;
	readonly addressFamily: AddressFamily;
	/** Called after an answer or a failure, never from within a call of the user's own. */
	readonly listener: () => void;
}

/** Follows the addresses of one host, in the families that are wanted of it. */
export class HostAddresses {
	readonly #host: string;
	readonly #context: LookUpContext;
	readonly #shares = new Map<AddressType, PollShare<AddressAnswer>>();
	/** The last answers; a new poll has none of its own. */
	readonly #last = new Map<AddressType, readonly string[]>();
	readonly #first: AddressType;
	readonly #second: AddressType;

	constructor(host: string, context: LookUpContext) {
		this.#host = host;
		this.#context = context;
		[this.#first, this.#second] = context.addressFamily === "prefer-ipv6" ? ["AAAA", "A"] : ["A", "AAAA"];
	}

	/** How many answers the first family's question has had. */
	get answers(): number {
		return this.#shares.get(this.#first)?.poll.answers ?? 0;
	}

	/**
	 * The known addresses; undefined while the first look-ups run. Starts the look-ups that are
	 * needed and releases the others.
	 * @param offered addresses that came with another answer, by `TYPE host`; they need no look-up.
	 */
	known(offered?: ReadonlyMap<string, readonly string[]>): KnownAddresses | undefined {
		if (this.#context.hosts?.settled === false) return undefined;
		const first = this.#look(this.#first, offered);
		if (!first) return undefined;
		const both = this.#context.addressFamily === "both";
		// The other family counts if this one has no record, not while it is unknown.
		if (!both && (first.addresses === undefined || first.addresses.length > 0)) {
			this.#release(this.#second);
			return sum(this.#host, [first]);
		}
		const second = this.#look(this.#second, offered);
		return second && sum(this.#host, [first, second]);
	}

	refresh(): void {
		for (const { poll } of this.#shares.values()) poll.refresh();
	}

	close(): void {
		for (const type of [...this.#shares.keys()]) this.#release(type);
	}

	#look(type: AddressType, offered: ReadonlyMap<string, readonly string[]> | undefined): Family | undefined {
		const named = this.#context.hosts?.addresses(this.#host)?.[type];
		const given = named ?? offered?.get(`${type} ${this.#host}`);
		if (given) {
			this.#release(type);
			this.#last.set(type, given);
			return { type, addresses: given, ...(given.length === 0 ? { missing: "NODATA" } : {}) };
		}
		const { questions, servers, listener } = this.#context;
		const share = this.#shares.get(type) ?? questions.addresses(servers, this.#host, type, listener);
		this.#shares.set(type, share);
		const { answer, error, settled } = share.poll;
		if (!settled) return undefined;
		if (answer) this.#last.set(type, answer.addresses);
		const missing = answer?.missing;
		const said = { ...(error && { error }), ...(missing && { missing }) };
		return { type, addresses: this.#last.get(type), ttl: answer?.ttl, ...said };
	}

	#release(type: AddressType): void {
		this.#shares.get(type)?.release();
		this.#shares.delete(type);
	}
}

function sum(host: string, families: readonly Family[]): KnownAddresses {
	const all = families.flatMap(({ type, ttl, addresses = [] }) => addresses.map((address) => ({ address, type, ttl })));
	const addresses = all.filter(({ address }) => unusableAddress(address) === undefined);
	const notes = all.flatMap(({ address }) => {
		const problem = unusableAddress(address);
		return problem === undefined ? [] : [`${address} of ${host} is left out: ${problem}`];
	});
	const errors = families.flatMap(({ error }) => error ?? []);
	const certain = addresses.length === 0 && errors.length === 0;
	const partial = families.some((family) => family.addresses === undefined);
	// An address that is no endpoint stands for "nothing here": blocking resolvers answer 0.0.0.0.
	const missing = certain ? (notes.length > 0 ? "no address that can be used" : families[0]?.missing) : undefined;
	return { addresses, errors, partial, notes, ...(missing && { missing }) };
}
