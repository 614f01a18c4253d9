// A web server that lists endpoints, once as a list (with an ETag) and once as server-sent events, and Fingerpost that
// follows both while they change:
//   node examples/http/run.mjs
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** The list of the service web, as in a file; that of the service api, as Prometheus has it. */
let web = ["127.0.0.1:8081"];
let api = [{ targets: ["127.0.0.1:8083"], labels: { version: "1" } }];
const streams = new Set();

const server = createServer((request, response) => {
	if (request.url === "/web.json") {
		const body = JSON.stringify(web);
		const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 16)}"`;
		const same = request.headers["if-none-match"] === etag;
		response.writeHead(same ? 304 : 200, { "content-type": "application/json", etag }).end(same ? undefined : body);
	} else if (request.url === "/api/events") {
		response.writeHead(200, { "content-type": "text/event-stream" });
		response.write(`data: ${JSON.stringify(api)}\n\n`);
		streams.add(response);
		response.on("close", () => streams.delete(response));
	} else response.writeHead(404).end();
});
// A comment now and then shows that the connection lives.
setInterval(() => send(": alive\n\n"), 15_000).unref();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();

const told = { web: 0, api: 0 };
const watches = [watch("web", "web.json"), watch("api", "api/events")];
await step("what was there", "web", "api");
web = ["127.0.0.1:8081", { address: "127.0.0.1:8082", weight: 50 }];
await step("web has another one with half of the weight; it is asked for within a second", "web");
api = [...api, { targets: ["127.0.0.1:8084"], labels: { version: "2", __meta_rack: "7" } }];
send(`data: ${JSON.stringify(api)}\n\n`);
await step("api has another one; it is told of at once", "api");
end();

function send(text) {
	for (const stream of streams) stream.write(text);
}

/** Follows a target by the program. */
function watch(name, at) {
	const child = spawn(
		process.execPath,
		[path("../../dist/main.js"), "watch", "--config", path("fingerpost.yaml"), `sd+http://127.0.0.1:${port}/${at}`],
		{ stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, INVENTORY_PORT: String(port) } },
	);
	createInterface({ input: child.stdout }).on("line", (line) => {
		told[name]++;
		console.log(`${name}: ${line}`);
	});
	return child;
}

/** Waits until Fingerpost has told of what changed. */
async function step(what, ...names) {
	console.log(`# ${what}`);
	const before = what === "what was there" ? { web: 0, api: 0 } : { ...told };
	for (let left = 600; left > 0; left--) {
		if (names.every((name) => told[name] > before[name])) return;
		await sleep(50);
	}
	end("waited 30 s in vain until Fingerpost tells of it");
}

function end(problem) {
	if (problem) console.error(problem);
	for (const child of watches) child.kill();
	process.exit(problem ? 1 : 0);
}
