// A small DNS server, and Fingerpost that follows a name's SRV records and another one's addresses while they change:
//   node examples/dns/run.mjs
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AUTHORITATIVE_ANSWER, decode, encode } from "dns-packet";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const TARGETS = { web: "dns:///_http._tcp.web.example", legacy: "dns:///legacy.example:8080" };
/** Seconds: Fingerpost asks again when they are over. */
const TTL = 1;

/** All records, by `NAME TYPE`. */
const records = new Map([
	["_http._tcp.web.example SRV", [srv("n1", 1)]],
	["n1.example A", ["127.0.0.1"]],
	["n2.example A", ["127.0.0.2"]],
	["legacy.example A", ["127.0.0.1"]],
]);
let rcode = 0;

const server = createSocket("udp4");
server.on("message", (bytes, { port, address }) => {
	const { id, questions } = decode(bytes);
	const [{ name: asked, type }] = questions;
	// A question may come in letters of any size, and goes back as it came.
	const found = records.get(`${asked.toLowerCase()} ${type}`) ?? [];
	const answers = rcode === 0 ? found.map((data) => ({ name: asked, type, ttl: TTL, data })) : [];
	server.send(encode({ type: "response", id, flags: AUTHORITATIVE_ANSWER | rcode, questions, answers }), port, address);
});
server.bind(0, "127.0.0.1");
await once(server, "listening");

/** Lines so far: of endpoints, and of failures. */
const told = { web: 0, legacy: 0 };
const failed = { web: 0, legacy: 0 };
const watches = Object.keys(TARGETS).map(watch);
await step("what was there", ["web", "legacy"], () => {});
await step("another host, with three times the weight", ["web"], () => {
	records.set("_http._tcp.web.example SRV", [srv("n1", 1), srv("n2", 3)]);
});
await step("another address", ["legacy"], () => records.set("legacy.example A", ["127.0.0.1", "127.0.0.2"]));
await step(
	"the server fails: the last answers stay",
	["web", "legacy"],
	() => {
		rcode = 2;
	},
	failed,
);
await step("it is back, and the first host is gone", ["web"], () => {
	rcode = 0;
	records.set("_http._tcp.web.example SRV", [srv("n2", 3)]);
});
end();

function srv(host, weight) {
	return { priority: 1, weight, port: 8080, target: `${host}.example` };
}

/** Follows a target by the program: endpoints come on stdout, failures on stderr. */
function watch(name) {
	const child = spawn(
		process.execPath,
		[path("../../dist/main.js"), "watch", "--config", path("fingerpost.yaml"), TARGETS[name]],
		{
			stdio: ["ignore", "pipe", "pipe"],
			env: { ...process.env, DNS_SERVER: `127.0.0.1:${server.address().port}` },
		},
	);
	for (const [input, lines] of [
		[child.stdout, told],
		[child.stderr, failed],
	]) {
		createInterface({ input }).on("line", (line) => {
			lines[name]++;
			console.log(`${name}: ${line}`);
		});
	}
	return child;
}

/** Changes something, and waits until Fingerpost has told of it by such lines. */
async function step(what, names, change, lines = told) {
	console.log(`# ${what}`);
	const before = what === "what was there" ? { web: 0, legacy: 0 } : { ...lines };
	change();
	for (let left = 600; left > 0; left--) {
		if (names.every((name) => lines[name] > before[name])) return;
		await sleep(50);
	}
	end("waited 30 s in vain until Fingerpost tells of it");
}

function end(problem) {
	if (problem) console.error(problem);
	for (const child of watches) child.kill();
	process.exit(problem ? 1 : 0);
}
