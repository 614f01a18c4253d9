import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { certificateIdentity } from "./certificate-identity.js";
import { type ListedAs, listedAs, type Revocations } from "./revocations.js";

/** What a client has proved by its certificate. */
export interface ClientCertificate {
	readonly identity: string | undefined;
	/** Milliseconds since 1970. */
	readonly until: number;
	/** The fingerprint of the CA that it was verified by; undefined where it was not told, as for who comes back. */
	readonly ca: string | undefined;
	/** It, and those between it and its CA, where there are revocation lists. */
	readonly chain: readonly ListedAs[];
}

/** What the certificates of clients are held against. It does not change: other files make another object. */
export interface ClientTrust {
	/** Fingerprints of the CAs that count. */
	readonly cas: ReadonlySet<string>;
	/** Undefined without revocation lists. */
	readonly revocations: Revocations | undefined;
}

export const NO_TRUST: ClientTrust = { cas: new Set(), revocations: undefined };

/** A chain of more is none. */
const MAX_CHAIN = 16;

const DISTRUSTED = "the CA of the client's certificate does not count any more";
const REVOKED = "the client's certificate is revoked, or crl has no list of its CA any more";

/** The certificate of the client at the other end; undefined for who has brought none. */
export function clientCertificate(socket: TLSSocket, { cas, revocations }: ClientTrust): ClientCertificate | undefined {
	const certificate = socket.getPeerX509Certificate();
	if (!certificate) return undefined;
	const chain = chainOf(certificate);
	const ca = (chain.at(-1) as X509Certificate).fingerprint256;
	return {
		identity: certificateIdentity(certificate),
		until: certificate.validToDate.getTime(),
		ca: cas.has(ca) ? ca : undefined,
		chain: revocations ? chain.filter((each) => !cas.has(each.fingerprint256)).map(listedAs) : [],
	};
}

/**
 * Why a certificate that counted does not any more, in words; undefined where it does.
 * @param before what it was held against.
 */
export function distrustOf(
	{ ca, chain }: Pick<ClientCertificate, "ca" | "chain">,
	{ cas, revocations }: ClientTrust,
	before: ClientTrust,
): string | undefined {
	const isOut = ca === undefined ? [...before.cas].some((each) => !cas.has(each)) : !cas.has(ca);
	if (isOut) return DISTRUSTED;
	return revocations !== before.revocations && revocations?.ends(chain) ? REVOKED : undefined;
}

/** The certificate, and those that it was verified by. */
function chainOf(certificate: X509Certificate): readonly X509Certificate[] {
	const chain = [certificate];
	for (let top = certificate; chain.length < MAX_CHAIN; ) {
		const next = top.issuerCertificate;
		if (!next || next.fingerprint256 === top.fingerprint256) break;
		chain.push(next);
		top = next;
	}
	return chain;
}
