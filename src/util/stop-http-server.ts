import type { Server } from "node:http";

/** How long requests in flight may take until every connection is closed: 1 s. */
const LIMIT_MS = 1_000;

/** Takes no more requests, lets those in flight finish for up to 1 s, and closes every connection. */
export async function stopHttpServer(server: Server): Promise<void> {
	if (!server.listening) return;
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	const timer = setTimeout(() => server.closeAllConnections(), LIMIT_MS);
	server.closeIdleConnections();
	await closed;
	clearTimeout(timer);
}
