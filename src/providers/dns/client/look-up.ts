import { isIPv4, isIPv6 } from "node:net";
import type { Answer, SrvAnswer as SrvRecordOnWire } from "dns-packet";
import { canonicalAddress } from "../../../model/endpoint-address.js";
import { SourceFailed } from "../../../util/errors.js";
import { canonicalName, nameProblem } from "./domain-name.js";
import { followChain, MAX_CHAIN, type Missing, ttlOf } from "./follow-chain.js";
import type { Question, Reply } from "./message.js";

export type AddressType = "A" | "AAAA";

/** The addresses of a name. */
export interface AddressAnswer {
	/** Sorted, each once. */
	readonly addresses: readonly string[];
	/** Why there are none. */
	readonly missing?: Missing;
	/** Seconds; undefined if the answer does not say. */
	readonly ttl: number | undefined;
}

export interface SrvRecord {
	readonly priority: number;
	readonly weight: number;
	readonly port: number;
	/** A name, canonical; empty means that the service is decidedly not available (RFC 2782). */
	readonly host: string;
}

/** The SRV records of a service. */
export interface SrvAnswer {
	readonly records: readonly SrvRecord[];
	/** Addresses of hosts from the additional section, by `TYPE host`. */
	readonly additional: ReadonlyMap<string, readonly string[]>;
	readonly missing?: Missing;
	/** Seconds, the shortest of all records used; undefined if the answer does not say. */
	readonly ttl: number | undefined;
}

/** Asks a question; see askServers. @throws SourceFailed, the signal's reason */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Reply>;

/** The addresses of a name, through its CNAMEs. @throws SourceFailed, the signal's reason */
export async function lookUpAddresses(
	ask: Ask,
	question: Question & { readonly type: AddressType },
	signal: AbortSignal,
): Promise<AddressAnswer> {
	const { found, missing, ttl } = await lookUp(ask, question, signal);
	return { addresses: addressesIn(found, question.type), ttl, ...(missing && { missing }) };
}

/**
 * The SRV records of a name, through its CNAMEs, and the addresses that came along. @throws
 * SourceFailed, the signal's reason
 */
export async function lookUpSrv(ask: Ask, name: string, signal: AbortSignal): Promise<SrvAnswer> {
	const { found, missing, ttl, reply } = await lookUp(ask, { name, type: "SRV" }, signal);
	const records = (found as readonly SrvRecordOnWire[]).map(({ data: { priority = 0, weight = 0, port, target } }) => ({
		priority,
		weight,
		port,
		host: canonicalName(target),
	}));
	const hosts = new Set(records.map(({ host }) => host));
	const offered = Map.groupBy(additionalsOf(reply, name), (record) => `${record.type} ${canonicalName(record.name)}`);
	const additional = new Map<string, readonly string[]>();
	let shortest = ttl;
	for (const type of ["A", "AAAA"] as const) {
		for (const host of hosts) {
			const own = offered.get(`${type} ${host}`);
			if (!own) continue;
			additional.set(`${type} ${host}`, addressesIn(own, type));
			shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, ...own.map(ttlOf));
		}
	}
	return { records, additional, ttl: shortest, ...(missing && { missing }) };
}

interface Found {
	readonly found: readonly Answer[];
	readonly reply: Reply;
	readonly missing?: Missing;
	readonly ttl: number | undefined;
}

/**
 * An authoritative server answers for its own zone only: follow a CNAME into another zone
 * ourselves.
 */
async function lookUp(ask: Ask, question: Question, signal: AbortSignal): Promise<Found> {
	let { name } = question;
	let ttl = Number.POSITIVE_INFINITY;
	for (let step = 0; step <= MAX_CHAIN; step++) {
		const reply = await ask({ ...question, name }, signal);
		const said = followChain(reply, { ...question, name });
		if ("problem" in said) throw new SourceFailed(`${question.name} ${question.type}: ${said.problem}`);
		ttl = Math.min(ttl, said.ttl ?? Number.POSITIVE_INFINITY);
		if ("elsewhere" in said) {
			name = said.elsewhere;
			const problem = nameProblem(name);
			if (problem !== undefined)
				throw new SourceFailed(`${question.name} ${question.type}: a CNAME leads nowhere: ${problem}`);
			continue;
		}
		const seconds = Number.isFinite(ttl) ? ttl : undefined;
		if ("missing" in said) return { found: [], reply, missing: said.missing, ttl: seconds };
		return { found: said.found, reply, ttl: seconds };
	}
	throw new SourceFailed(`${question.name} ${question.type}: more than ${MAX_CHAIN} CNAMEs in a row`);
}

/**
 * What may be believed of what came along. A resolver has asked those who know. Who speaks for a zone only, by its own
 * word or else below the name that was asked for, says nothing of others; their addresses are asked for.
 */
function additionalsOf({ recursive, additionals, authorities }: Reply, name: string): readonly Answer[] {
	if (recursive) return additionals;
	const told = authorities
		.filter(({ type }) => type === "SOA" || type === "NS")
		.map((record) => canonicalName(record.name))
		.filter((zone) => isBelow(name, zone));
	const zones = [name.replace(/^(_[^.]*\.)+/, ""), ...told];
	return additionals.filter((record) => zones.some((zone) => isBelow(canonicalName(record.name), zone)));
}

function isBelow(name: string, zone: string): boolean {
	return zone !== "" && (name === zone || name.endsWith(`.${zone}`));
}

/** @throws SourceFailed for what is no address: the answer as a whole is garbage then. */
function addressesIn(records: readonly Answer[], type: AddressType): readonly string[] {
	const addresses = records.map((record) => {
		const text = String((record as { readonly data?: unknown }).data);
		if (!(type === "A" ? isIPv4(text) : isIPv6(text))) {
			throw new SourceFailed(`${record.name} ${type}: the record holds no address`);
		}
		return canonicalAddress(text);
	});
	return [...new Set(addresses)].sort();
}
