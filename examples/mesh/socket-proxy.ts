import { createServer, request } from "node:http";

/** What Fingerpost asks an engine for; everything else is refused. */
const ALLOWED = /^\/(containers\/json|events|info|services|tasks)(\?|$)/;
const SOCKET = process.env.SOCKET ?? "/var/run/docker.sock";

// The engine's API for reading, for those who are not to have all of it.
createServer((asked, answer) => {
	const path = asked.url ?? "/";
	if (asked.method !== "GET" || !ALLOWED.test(path)) {
		answer.writeHead(403, { "content-type": "application/json" }).end('{"message":"not let through"}');
		return;
	}
	const passed = request({ socketPath: SOCKET, path, headers: { host: "docker" } }, (response) => {
		answer.writeHead(response.statusCode ?? 502, { "content-type": response.headers["content-type"] ?? "text/plain" });
		answer.flushHeaders();
		response.pipe(answer);
	});
	passed.on("error", () => answer.destroy());
	answer.on("close", () => passed.destroy());
	passed.end();
}).listen(Number(process.env.PORT ?? 2375), process.env.HOST ?? "0.0.0.0");
