import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { FollowedTls } from "./followed-tls.js";
import { endThoseWithBadCertificates, HANDSHAKE_MS, type Refused, tellRefusals } from "./tls-refusal.js";

/**
 * An HTTP/1.1 server, by TLS where that is given; it takes new files as they come.
 * @param mayLack whether a client may come without a certificate, though it is asked for one.
 */
export function httpServer(
	options: ServerOptions,
	tls: FollowedTls | undefined,
	refused: Refused,
	mayLack = false,
): Server {
	if (!tls) return createServer(options);
	const context = tls.serve((next) => server.setSecureContext(next));
	const server = createSecureServer({
		...options,
		...context,
		requestCert: tls.asksClients,
		rejectUnauthorized: tls.asksClients && !mayLack,
		handshakeTimeout: HANDSHAKE_MS,
	});
	tellRefusals(server, refused);
	if (mayLack) endThoseWithBadCertificates(server, refused);
	return server;
}
