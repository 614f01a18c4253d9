import type { Answer } from "dns-packet";
import { canonicalName } from "./domain-name.js";
import { isLoopbackName } from "./loopback.js";
import type { Question, Reply } from "./message.js";

/** Why a name has no record of a type: it does not exist, or it has only others. */
export type Missing = "NXDOMAIN" | "NODATA";

/** What a reply says of a question. */
export type Said =
	/** Records of the type, at the end of the CNAMEs if there are any. `ttl` in seconds. */
	| { readonly found: readonly Answer[]; readonly ttl: number }
	/**
	 * `ttl`: for how many seconds the absence may be cached; undefined if the reply does not say.
	 */
	| { readonly missing: Missing; readonly ttl: number | undefined }
	/** The CNAMEs end at a name that the reply has no record of. */
	| { readonly elsewhere: string; readonly ttl: number }
	/** The reply answers nothing. */
	| { readonly problem: string };

/** Longer chains of CNAMEs are refused; resolvers have similar limits. */
export const MAX_CHAIN = 16;

/** Reads what a NOERROR or NXDOMAIN reply says, along its CNAMEs. */
export function followChain({ rcode, answers, authorities, authoritative }: Reply, { name, type }: Question): Said {
	const byOwner = Map.groupBy(
		answers.filter((answer) => classOf(answer) === "IN"),
		(answer) => canonicalName(answer.name),
	);
	let owner = name;
	let ttl = Number.POSITIVE_INFINITY;
	for (let step = 0; step <= MAX_CHAIN; step++) {
		const own = byOwner.get(owner) ?? [];
		const found = own.filter((answer) => answer.type === type);
		if (found.length > 0) return { found, ttl: Math.min(ttl, ...found.map(ttlOf)) };
		if (step === 0 && own.length === 0 && answers.length > 0) return { problem: "an answer about other names" };
		const alias = own.find((answer) => answer.type === "CNAME");
		if (!alias) return atEnd();
		ttl = Math.min(ttl, ttlOf(alias));
		owner = canonicalName(String((alias as { readonly data?: unknown }).data));
		// Of the machine itself no server has a word.
		if (isLoopbackName(owner)) return { elsewhere: owner, ttl };
	}
	return { problem: `more than ${MAX_CHAIN} CNAMEs in a row` };

	function atEnd(): Said {
		const soa = authorities.find((record) => record.type === "SOA");
		const negative = soa && Math.min(ttlOf(soa), soa.data.minimum ?? 0);
		// The shortest TTL on the way counts, those of CNAMEs included.
		const believed =
			negative === undefined && ttl === Number.POSITIVE_INFINITY ? undefined : Math.min(negative ?? ttl, ttl);
		if (rcode === "NXDOMAIN") return { missing: "NXDOMAIN", ttl: believed };
		if (owner !== name && !soa) return { elsewhere: owner, ttl };
		// RFC 2308, 2.2: without SOA, name servers in the authority section mean "ask these", not
		// "there is nothing".
		if (!soa && (!authoritative || authorities.some((record) => record.type === "NS"))) {
			return { problem: "a referral to other servers, or no answer; ask a server that looks names up itself" };
		}
		return { missing: "NODATA", ttl: believed };
	}
}

function classOf(record: Answer): string | undefined {
	return (record as { readonly class?: string }).class;
}

/** In seconds. Above 2^31-1 it means 0 (RFC 2181, section 8). */
export function ttlOf(record: Answer): number {
	const { ttl = 0 } = record as { readonly ttl?: number };
	return ttl > 0x7fff_ffff ? 0 : ttl;
}
