import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { FollowedTls } from "./followed-tls.js";
import { HANDSHAKE_MS, type Refused, tellRefusals } from "./tls-refusal.js";

/** An HTTP/1.1 server, by TLS where that is given; it takes new files as they come. */
export function httpServer(options: ServerOptions, tls: FollowedTls | undefined, refused: Refused): Server {
	if (!tls) return createServer(options);
	const context = tls.serve((next) => server.setSecureContext(next));
	const server = createSecureServer({
		...options,
		...context,
		requestCert: tls.asksClients,
		rejectUnauthorized: tls.asksClients,
		handshakeTimeout: HANDSHAKE_MS,
	});
	tellRefusals(server, refused);
	return server;
}
