// Starts a Consul agent (`consul` in PATH, or $CONSUL) with a service, and follows the service while it changes:
//   node examples/consul/run.mjs
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const [http, server, lan] = await freePorts(3);
const address = `http://127.0.0.1:${http}`;
const args = ["agent", "-dev", "-bind=127.0.0.1", "-log-level=error", "-http-port", http, "-server-port", server];
const ports = [
	"-serf-lan-port",
	lan,
	"-serf-wan-port",
	"-1",
	"-dns-port",
	"-1",
	"-grpc-port",
	"-1",
	"-grpc-tls-port",
	"-1",
];
const consul = spawn(process.env.CONSUL ?? "consul", [...args, ...ports].map(String), { stdio: "ignore" });
consul.on("error", (error) => end(`consul cannot be started: ${error.message}; set CONSUL to its path`));
await until("Consul has a leader", async () => (await call("GET", "/v1/status/leader")) !== '""');

await register(8081, { Tags: ["v1"] });
const watch = spawn(
	process.execPath,
	[path("../../dist/main.js"), "watch", "--config", path("fingerpost.yaml"), "consul:///web"],
	{ stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, CONSUL_HTTP_ADDR: address } },
);
let told = 0;
watch.stdout.setEncoding("utf8").on("data", (text) => {
	told++;
	process.stdout.write(text);
});
await step("an instance that was there", () => {});
await step("a second one, with three times the weight", () =>
	register(8082, { Tags: ["v2"], Weights: { Passing: 3, Warning: 1 }, Meta: { version: "2" } }),
);
await step("it goes into maintenance", () => call("PUT", "/v1/agent/service/maintenance/web-8082?enable=true"));
await step("it is gone", () => call("PUT", "/v1/agent/service/deregister/web-8082"));
end();

/** Changes something, and waits until Fingerpost has told of it. */
async function step(what, change) {
	const before = what === "an instance that was there" ? 0 : told;
	console.log(`# ${what}`);
	await change();
	await until("Fingerpost tells of it", () => told > before);
}

function register(port, more) {
	return call("PUT", "/v1/agent/service/register", {
		ID: `web-${port}`,
		Name: "web",
		Address: "127.0.0.1",
		Port: port,
		...more,
	});
}

async function call(method, path, body) {
	const signal = AbortSignal.timeout(10_000);
	const response = await fetch(address + path, { method, signal, ...(body && { body: JSON.stringify(body) }) });
	if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
	return response.text();
}

async function until(what, probe) {
	for (let left = 600; left > 0; left--) {
		if (
			await Promise.resolve()
				.then(probe)
				.catch(() => false)
		)
			return;
		await sleep(50);
	}
	end(`waited 30 s in vain until ${what}`);
}

async function freePorts(count) {
	const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
	await Promise.all(servers.map((each) => new Promise((resolve) => each.once("listening", resolve))));
	const found = servers.map((each) => each.address().port);
	await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
	return found;
}

function end(problem) {
	if (problem) console.error(problem);
	watch?.kill();
	consul.kill("SIGKILL");
	process.exit(problem ? 1 : 0);
}
