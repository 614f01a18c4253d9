// Calls a service whose endpoints are in a file, each as often as its weight says:
//   node examples/library/client.mjs
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "fingerpost";

// Two servers to call.
const servers = await Promise.all(["a", "b"].map(startServer));
const [a, b] = servers.map((server) => server.address().port);

// What another program would write.
const folder = await mkdtemp(join(tmpdir(), "fingerpost-example-"));
const file = join(folder, "endpoints.yaml");
await writeFile(file, `- 127.0.0.1:${a}\n- {address: "127.0.0.1:${b}", weight: 300}\n`);

const client = new Client(`file://${file}`, { onError: (error) => console.error(error.message) });
try {
	await client.connect();
	const calls = { a: 0, b: 0 };
	for (let i = 0; i < 8; i++) {
		// Throws NoReadyEndpoints when there is none.
		const { url } = client.next();
		const response = await fetch(url);
		calls[await response.text()]++;
	}
	console.log(`a: ${calls.a}, b: ${calls.b}`);
} finally {
	client.close();
	for (const server of servers) server.close().closeAllConnections();
	await rm(folder, { recursive: true });
}

function startServer(name) {
	const server = createServer((_request, response) => response.end(name));
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
