import type { Socket } from "node:net";
import type { Server, TLSSocket } from "node:tls";
import { socketBelow } from "./socket-below.js";

/** Milliseconds for a handshake: a connection that is half open ends then. */
export const HANDSHAKE_MS = 10_000;

/** Words for what OpenSSL calls the reasons that people meet. */
const REASONS: Readonly<Record<string, string>> = {
	CERT_HAS_EXPIRED: "its certificate has expired",
	CERT_NOT_YET_VALID: "its certificate is not valid yet",
	CERT_REVOKED: "its certificate is revoked",
	CRL_HAS_EXPIRED: "the revocation list of its CA has run out; put a new one into crl",
	CRL_NOT_YET_VALID: "the revocation list of its CA is not valid yet",
	UNABLE_TO_GET_CRL: "crl has no revocation list of its CA",
	UNABLE_TO_GET_ISSUER_CERT: "its certificate is of no CA in clientCa",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of no CA in clientCa",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of no CA in clientCa",
	DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed and not in clientCa",
	SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of no CA in clientCa",
	CERT_SIGNATURE_FAILURE: "its certificate is of no CA in clientCa",
	INVALID_PURPOSE: "its certificate is not one for clients",
	ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "it brings no certificate",
	ERR_SSL_UNSUPPORTED_PROTOCOL: "it offers only TLS versions below minVersion",
	ERR_SSL_VERSION_TOO_LOW: "it offers only TLS versions below minVersion",
	ERR_SSL_HTTP_REQUEST: "it speaks HTTP without TLS",
	ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
	ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS",
	ERR_SSL_UNKNOWN_PROTOCOL: "it does not speak TLS",
	ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "it does not know the CA of this server's certificate",
	ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "it does not accept this server's certificate",
	ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "it does not accept this server's certificate",
	ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "it takes no TLS version that this server has",
	ERR_SSL_NO_SHARED_CIPHER: "it has no cipher in common with this server",
	ERR_TLS_HANDSHAKE_TIMEOUT: "its handshake took too long",
	ERR_SSL_NO_APPLICATION_PROTOCOL: "it does not offer h2 by ALPN",
	ECONNRESET: "it closed the connection during the handshake",
};

/** @param address with port. @param reason why, in words. */
export type Refused = (address: string, reason: string) => void;

interface Begun {
	readonly address: string;
	/** Milliseconds. */
	readonly at: number;
}

/** Tells of every connection whose handshake failed, once each, and ends it. */
export function tellRefusals(server: Server, refused: Refused): void {
	// A socket that has closed has no address any more.
	const begun = new WeakMap<object, Begun>();
	server.on("connection", (socket: Socket) =>
		begun.set(socket, { address: `${socket.remoteAddress}:${socket.remotePort}`, at: performance.now() }),
	);
	server.on("tlsClientError", (error, socket) => {
		// One whose time is up is still open.
		socket.destroy();
		const below = socketBelow<Socket>(socket);
		const its = begun.get(below);
		if (!its) return;
		begun.delete(below);
		const isLate = performance.now() - its.at >= HANDSHAKE_MS;
		refused(its.address, isLate ? "its handshake took too long" : reasonOf(error, socket));
	});
}

/** Why the certificate of a client does not count, in words; undefined for who has brought none, or one that counts. */
export function certificateProblem(socket: TLSSocket): string | undefined {
	if (socket.authorized || !socket.getPeerX509Certificate()) return undefined;
	const code = String(socket.authorizationError);
	return REASONS[code] ?? code;
}

/** Of a server that lets clients come without a certificate: one that does not count is refused all the same. */
export function endThoseWithBadCertificates(server: Server, refused: Refused): void {
	server.on("secureConnection", (socket: TLSSocket) => {
		const problem = certificateProblem(socket);
		if (problem === undefined) return;
		refused(`${socket.remoteAddress}:${socket.remotePort}`, problem);
		socket.destroy();
	});
}

function reasonOf(error: Error, socket: TLSSocket): string {
	const authorization: unknown = socket.authorizationError;
	const codes = [authorization, (error as NodeJS.ErrnoException).code].filter((code) => typeof code === "string");
	for (const code of codes) {
		const reason = REASONS[code];
		if (reason !== undefined) return reason;
	}
	return codes[0] ?? error.message;
}
