import { createPrivateKey, type X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { messageOf } from "../errors.js";
import { certificatesIn, derOf, pemBlocks } from "./pem.js";

/** TLS versions that a server may ask for at least. */
export const TLS_VERSIONS = ["1.2", "1.3"] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** A server's TLS: PEM files by their paths. */
export interface TlsFiles {
	/** The server's certificate, and those between it and its CA. */
	readonly cert: string;
	/** Its private key, without a passphrase. */
	readonly key: string;
	/** CAs of clients: who brings no certificate of theirs is refused. Nobody has to bring one unless it is given. */
	readonly clientCa?: string | undefined;
	/** What these CAs have revoked. Each CA of a client's chain needs a list then, and one that has not run out. */
	readonly crl?: string | undefined;
	readonly minVersion: TlsVersion;
}

/** The texts of the files. */
export type TlsTexts = Readonly<Record<"cert" | "key", string>> &
	Readonly<Partial<Record<"clientCa" | "crl", string | undefined>>>;

/** What fits together, as a server takes it. */
export interface TlsCredentials {
	/** For tls.createServer() and setSecureContext(). */
	readonly context: SecureContextOptions;
	/** The server's own certificate. */
	readonly certificate: X509Certificate;
	/** Fingerprints of the CAs of clients. */
	readonly clientCas: ReadonlySet<string>;
	/** Revocation lists in DER; undefined where there are none to be. */
	readonly lists: readonly Buffer[] | undefined;
}

/** Of TLS 1.3 all; of 1.2 those with forward secrecy and an authenticated cipher, as HTTP/2 wants them (RFC 9113, appendix A). */
const CIPHERS = [
	"TLS_AES_256_GCM_SHA384",
	"TLS_CHACHA20_POLY1305_SHA256",
	"TLS_AES_128_GCM_SHA256",
	"ECDHE-ECDSA-AES128-GCM-SHA256",
	"ECDHE-RSA-AES128-GCM-SHA256",
	"ECDHE-ECDSA-AES256-GCM-SHA384",
	"ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-ECDSA-CHACHA20-POLY1305",
	"ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * Checks that the texts fit together.
 * @throws Error with a message for people: a file that is not whole, a key of another certificate.
 */
export function tlsCredentials(texts: TlsTexts, files: TlsFiles): TlsCredentials {
	const { cert, key, clientCa, crl } = texts;
	const [certificate] = certificatesIn(cert, files.cert) as readonly [X509Certificate];
	if (!certificate.checkPrivateKey(privateKeyIn(key, files.key)))
		throw new Error(`${files.key} is not the key of the certificate in ${files.cert}`);
	const cas = clientCa === undefined ? [] : certificatesIn(clientCa, files.clientCa as string);
	const clientCas = new Set(cas.map(({ fingerprint256 }) => fingerprint256));
	const lists = crl === undefined ? undefined : pemBlocks(crl, files.crl as string, "X509 CRL").map(derOf);
	const context: SecureContextOptions = {
		cert,
		key,
		// Without CAs of clients nobody is asked for a certificate, and the system's are of no use.
		ca: clientCa ?? [],
		...(crl !== undefined && { crl }),
		minVersion: `TLSv${files.minVersion}`,
		ciphers: CIPHERS,
	};
	try {
		createSecureContext(context);
	} catch (cause) {
		throw new Error(`${files.cert} cannot be used for TLS: ${messageOf(cause)}`, { cause });
	}
	return { context, certificate, clientCas, lists };
}

function privateKeyIn(text: string, name: string) {
	try {
		return createPrivateKey(text);
	} catch (cause) {
		throw new Error(`${name} holds no private key that can be read without a passphrase`, { cause });
	}
}
