// Runs the whole example, and ends by itself: an etcd server, Fingerpost, an endpoint that registers itself from Node, and
// one from Go where Go is installed.
//   npm run build && node examples/etcd/run.mjs
// It takes `etcd` from PATH, or what `--etcd PROGRAM` names; `--without-go` leaves Go out.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
	options: { etcd: { type: "string", default: "etcd" }, "without-go": { type: "boolean", default: false } },
});
const here = import.meta.dirname;
const root = join(here, "../..");
const folder = await mkdtemp(join(tmpdir(), "fingerpost-example-"));
const [clients, peers] = await Promise.all([freePort(), freePort()]);
const url = `http://127.0.0.1:${clients}`;
const running = [];

try {
	const peer = `http://127.0.0.1:${peers}`;
	start("etcd", options.etcd, [
		...["--data-dir", join(folder, "data"), "--log-level", "fatal", "--initial-cluster", `default=${peer}`],
		...["--listen-client-urls", url, "--advertise-client-urls", url],
		...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
	]);
	await until("etcd answers", async () => (await fetch(`${url}/health`)).ok);
	const config = join(here, "fingerpost.yaml");
	const serve = ["serve", "--config", config, "--xds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
	const [ready] = await start("fingerpost", process.execPath, [join(root, "dist/main.js"), ...serve]).line(/ ready /);
	const admin = `http://${/admin=(\S+)/.exec(ready)?.[1]}`;
	const endpoints = async () => {
		const { items } = await (await fetch(`${admin}/api/v1/services/web`)).json();
		return items.map(({ address, port, metadata }) => `${address}:${port} ${JSON.stringify(metadata)}`);
	};

	const node = start("node", process.execPath, [join(here, "register.mjs"), "127.0.0.1:8082"]);
	await until("the endpoint from Node is there", async () =>
		(await endpoints()).some((text) => text.includes(":8082")),
	);
	const program = join(folder, "register");
	if (options["without-go"]) say("Go is left out");
	else if ((await start("go", "go", ["build", "-o", program, "."], { cwd: join(here, "go") }).ended) !== 0) {
		say("Go is left out: the program could not be built");
	} else {
		start("register", program, ["--etcd", url, "--address", "127.0.0.1:8081"]);
		await until("the endpoint from Go is there", async () =>
			(await endpoints()).some((text) => text.includes(":8081")),
		);
	}
	for (const text of await endpoints()) say(`web has ${text}`);
	node.process.kill("SIGTERM");
	await until(
		"the endpoint from Node has left",
		async () => !(await endpoints()).some((text) => text.includes(":8082")),
	);
	say(`web has ${(await endpoints()).length} endpoints after one has left`);
} finally {
	// Those that register themselves first, etcd last.
	for (const { process: child, ended } of running.reverse()) {
		child.kill("SIGTERM");
		await ended;
	}
	await rm(folder, { recursive: true, force: true });
}

function say(text) {
	console.log(text);
}

/** Starts a program, whose lines are printed with its name. */
function start(name, program, args, settings = {}) {
	const child = spawn(program, args, {
		...settings,
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...process.env, ETCD: url },
	});
	const seen = [];
	/** The exit code; undefined for a program that could not be started. */
	const ended = new Promise((resolve) => child.once("error", () => resolve(undefined)).once("close", resolve));
	child.on("error", (error) => say(`${name}: ${error.message}`));
	for (const stream of [child.stdout, child.stderr]) {
		createInterface({ input: stream }).on("line", (line) => {
			seen.push(line);
			if (name !== "fingerpost" || / ready /.test(line)) say(`${name}: ${line}`);
		});
	}
	const started = {
		process: child,
		ended,
		line: async (pattern) => {
			await until(`${name} says ${pattern}`, () => seen.some((line) => pattern.test(line)));
			return seen.filter((line) => pattern.test(line));
		},
	};
	running.push(started);
	return started;
}

/** Looks until it is so, for a minute at most. */
async function until(what, probe) {
	const deadline = performance.now() + 60_000;
	for (;;) {
		if (
			await Promise.resolve()
				.then(probe)
				.catch(() => false)
		)
			return;
		if (performance.now() > deadline) throw new Error(`in vain until ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}
