import type { X509Certificate } from "node:crypto";
import type { Steps } from "../steps.js";
import { contentOf, type Element, elementAt, elementsIn, TAGS } from "./der.js";

/** Serial numbers that are read in one step. */
const A_STEP = 512;

/** A certificate as revocation lists name it. */
export interface ListedAs {
	/** The issuer's name as it is encoded. */
	readonly issuer: string;
	readonly serial: string;
}

/** What the CAs of clients have revoked. It does not change: other lists are another object. */
export class Revocations {
	readonly #serials: ReadonlyMap<string, ReadonlySet<string>>;

	private constructor(serials: ReadonlyMap<string, ReadonlySet<string>>) {
		this.#serials = serials;
	}

	/**
	 * Reads revocation lists, for connections that are open: those to come are OpenSSL's affair.
	 * @param lists in DER.
	 * @throws Error if one cannot be read.
	 */
	static *read(lists: readonly Buffer[]): Steps<Revocations> {
		const all = new Map<string, Set<string>>();
		for (const list of lists) {
			const { issuer, entries } = partsOf(list);
			const serials = all.get(issuer) ?? new Set<string>();
			all.set(issuer, serials);
			if (!entries) continue;
			let read = 0;
			for (const entry of elementsIn(list, entries)) {
				serials.add(contentOf(list, elementAt(list, entry.from)));
				if (++read % A_STEP === 0) yield;
			}
		}
		return new Revocations(all);
	}

	/** Whether one of the chain is revoked, or has no list of its issuer. */
	ends(chain: readonly ListedAs[]): boolean {
		return chain.some(({ issuer, serial }) => this.#serials.get(issuer)?.has(serial) ?? true);
	}
}

/** How revocation lists name the certificate. @throws Error if it cannot be read. */
export function listedAs({ raw }: Pick<X509Certificate, "raw">): ListedAs {
	const [signed] = elementsIn(raw, elementAt(raw, 0));
	const parts = signed ? [...elementsIn(raw, signed)] : [];
	// A version comes first, unless it is 1.
	const [serial, , issuer] = parts[0]?.tag === TAGS.version ? parts.slice(1) : parts;
	if (!serial || !issuer) throw new Error("a certificate has no issuer");
	return { issuer: contentOf(raw, issuer), serial: contentOf(raw, serial) };
}

/** RFC 5280, section 5.1: version, signature, issuer, one or two times, what is revoked, extensions. */
function partsOf(list: Buffer): { readonly issuer: string; readonly entries: Element | undefined } {
	const [signed] = elementsIn(list, elementAt(list, 0));
	const parts = signed ? [...elementsIn(list, signed)] : [];
	const rest = parts[0]?.tag === TAGS.integer ? parts.slice(1) : parts;
	const [, issuer, ...after] = rest;
	if (!issuer) throw new Error("a revocation list has no issuer");
	return { issuer: contentOf(list, issuer), entries: after.find(({ tag }) => tag === TAGS.sequence) };
}
