import { unusableAddress } from "../../model/endpoint-address.js";
import type { FingerpostError } from "../../util/errors.js";
import type { Missing } from "./client/follow-chain.js";
import type { AddressAnswer, AddressType } from "./client/look-up.js";
import type { ServerList } from "./client/server-list.js";
import type { AddressFamily } from "./dns-options.js";
import type { HostsFile } from "./hosts-file.js";
import type { Lease, Pollers } from "./pollers.js";

/** What is known of a host's addresses. */
export interface KnownAddresses {
	/** The first family's before the other's. A family whose look-up fails has those of its last answer. */
	readonly addresses: readonly { readonly address: string; readonly type: AddressType }[];
	/** Of the families whose newest look-up failed. */
	readonly errors: readonly FingerpostError[];
	/** Whether a family that is wanted was never told of. */
	readonly partial: boolean;
	/** Addresses that are no endpoints, and why, in a sentence each. */
	readonly notes: readonly string[];
	/** Why the host has no address, where it certainly has none that can be used. */
	readonly missing?: string;
}

interface Family {
	readonly type: AddressType;
	/** Undefined: never told. */
	readonly addresses: readonly string[] | undefined;
	readonly error?: FingerpostError;
	readonly missing?: Missing;
}

/** Who is asked for what, and who wants to hear of it. */
export interface LookUpContext {
	readonly pollers: Pollers;
	readonly servers: ServerList;
	/** Its names need no server; undefined where a server is to be asked whatever the file says. */
	readonly hosts?: HostsFile | undefined;
	readonly addressFamily: AddressFamily;
	/** Called when something new is known; never from within a call of one's own. */
	readonly listener: () => void;
}

/** Follows the addresses of one host, in the families that are wanted of it. */
export class HostAddresses {
	readonly #host: string;
	readonly #context: LookUpContext;
	readonly #leases = new Map<AddressType, Lease<AddressAnswer>>();
	/** What was last known; a new poller has no answer of its own to keep. */
	readonly #last = new Map<AddressType, readonly string[]>();
	readonly #first: AddressType;
	readonly #second: AddressType;

	constructor(host: string, context: LookUpContext) {
		this.#host = host;
		this.#context = context;
		[this.#first, this.#second] = context.addressFamily === "prefer-ipv6" ? ["AAAA", "A"] : ["A", "AAAA"];
	}

	/** How many answers to the first family's question there were. */
	get answers(): number {
		return this.#leases.get(this.#first)?.poller.answers ?? 0;
	}

	/**
	 * What is known, undefined while the first look-ups run. It asks for what is needed and releases what is not.
	 * @param offered addresses that came along with another answer, by `TYPE host`: they need not be asked for.
	 */
	known(offered?: ReadonlyMap<string, readonly string[]>): KnownAddresses | undefined {
		if (this.#context.hosts?.settled === false) return undefined;
		const first = this.#look(this.#first, offered);
		if (!first) return undefined;
		const both = this.#context.addressFamily === "both";
		// The other family counts where this one has no record, not where that is unknown.
		if (!both && (first.addresses === undefined || first.addresses.length > 0)) {
			this.#release(this.#second);
			return sum(this.#host, [first]);
		}
		const second = this.#look(this.#second, offered);
		return second && sum(this.#host, [first, second]);
	}

	refresh(): void {
		for (const { poller } of this.#leases.values()) poller.refresh();
	}

	close(): void {
		for (const type of [...this.#leases.keys()]) this.#release(type);
	}

	#look(type: AddressType, offered: ReadonlyMap<string, readonly string[]> | undefined): Family | undefined {
		const named = this.#context.hosts?.addresses(this.#host)?.[type];
		const given = named ?? offered?.get(`${type} ${this.#host}`);
		if (given) {
			this.#release(type);
			this.#last.set(type, given);
			return { type, addresses: given, ...(given.length === 0 ? { missing: "NODATA" } : {}) };
		}
		const { pollers, servers, listener } = this.#context;
		const lease = this.#leases.get(type) ?? pollers.addresses(servers, this.#host, type, listener);
		this.#leases.set(type, lease);
		const { answer, error, settled } = lease.poller;
		if (!settled) return undefined;
		if (answer) this.#last.set(type, answer.addresses);
		return { type, addresses: this.#last.get(type), error, missing: answer?.missing };
	}

	#release(type: AddressType): void {
		this.#leases.get(type)?.release();
		this.#leases.delete(type);
	}
}

function sum(host: string, families: readonly Family[]): KnownAddresses {
	const all = families.flatMap(({ type, addresses = [] }) => addresses.map((address) => ({ address, type })));
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
	return { addresses, errors, partial, notes, missing };
}
