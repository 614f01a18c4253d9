import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { certificateIdentity } from "./certificate-identity.js";

/** What a client has proved by its certificate. */
export interface ClientCertificate {
	readonly identity: string | undefined;
	/** Milliseconds since 1970. */
	readonly until: number;
	/** The fingerprint of the CA that it was verified by; undefined where it was not told, as for who comes back. */
	readonly ca: string | undefined;
}

/** A chain of more is none. */
const MAX_CHAIN = 16;

/**
 * The certificate of the client at the other end; undefined for who has brought none.
 * @param cas fingerprints of those that count.
 */
export function clientCertificate(socket: TLSSocket, cas: ReadonlySet<string>): ClientCertificate | undefined {
	const certificate = socket.getPeerX509Certificate();
	if (!certificate) return undefined;
	const ca = fingerprintOfTop(certificate);
	return {
		identity: certificateIdentity(certificate),
		until: certificate.validToDate.getTime(),
		ca: cas.has(ca) ? ca : undefined,
	};
}

/** Whether the CA is not among those that count any more. @param before those that counted up to now. */
export function isDistrusted(
	{ ca }: Pick<ClientCertificate, "ca">,
	cas: ReadonlySet<string>,
	before: ReadonlySet<string>,
): boolean {
	return ca === undefined ? [...before].some((each) => !cas.has(each)) : !cas.has(ca);
}

function fingerprintOfTop(certificate: X509Certificate): string {
	let top = certificate;
	for (let left = MAX_CHAIN; left > 0; left--) {
		const next = top.issuerCertificate;
		if (!next || next.fingerprint256 === top.fingerprint256) break;
		top = next;
	}
	return top.fingerprint256;
}
