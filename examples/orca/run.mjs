// Runs the whole example, and ends by itself after half a minute: three back ends of which one bears four times as much as the
// others, Fingerpost, and a client.
//   npm run build && node examples/orca/run.mjs
// `--go` takes the back ends in Go, which has to be installed.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({ options: { go: { type: "boolean", default: false } } });
const CAPACITY = { small: 40, "small too": 40, large: 160 };
const here = import.meta.dirname;
const main = join(here, "../../dist/main.js");
const folder = await mkdtemp(join(tmpdir(), "fingerpost-example-"));
const running = [];

try {
	const program = options.go ? await built() : [process.execPath, join(here, "backend.mjs")];
	const endpoints = [];
	for (const [name, capacity] of Object.entries(CAPACITY)) {
		const args = ["--listen", "127.0.0.1:0", "--name", name, "--capacity", String(capacity)];
		endpoints.push(await said(start(...program, ...args), /listens on (\S+)/));
	}
	const policy = { policy: "client_side_weighted_round_robin" };
	const services = { greeter: { protocol: "grpc", loadBalancing: policy, endpoints } };
	const config = join(folder, "fingerpost.json");
	await writeFile(config, JSON.stringify({ services }));
	const listen = ["--xds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
	const server = await said(start(process.execPath, main, "serve", "--config", config, ...listen), / xds=(\S+)/);

	const bootstrap = join(folder, "bootstrap.json");
	const printed = start(process.execPath, main, "bootstrap", "grpc", "--server", server);
	await writeFile(bootstrap, await textOf(printed));
	const variables = { GRPC_XDS_BOOTSTRAP: bootstrap, GRPC_EXPERIMENTAL_XDS_WRR_LB: "true" };
	const client = start(process.execPath, join(here, "client.mjs"), variables);
	console.log("Utilisation of each back end, every 5 s. For the first 10 s the client goes round robin.");
	for await (const line of createInterface({ input: client.stdout })) {
		const counts = JSON.parse(line);
		const shares = Object.entries(CAPACITY).map(
			([name, capacity]) => `${name} ${(((counts[name] ?? 0) / 5 / capacity) * 100).toFixed(0)} %`,
		);
		console.log([...shares, ...Object.keys(counts).filter((each) => !(each in CAPACITY))].join("   "));
	}
} finally {
	for (const child of running) child.kill();
	await rm(folder, { recursive: true, force: true });
}

/** Starts a program; its errors are shown. @param args and, as the last, variables for it. */
function start(command, ...args) {
	const env = typeof args.at(-1) === "object" ? args.pop() : {};
	const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
	child.on("error", (error) => console.error(error.message));
	running.push(child);
	return child;
}

/** What the pattern finds in its first line that fits. */
async function said(child, pattern) {
	for await (const line of createInterface({ input: child.stdout })) {
		const [, found] = pattern.exec(line) ?? [];
		if (found === undefined) continue;
		child.stdout.resume();
		return found;
	}
	throw new Error(`${child.spawnargs.join(" ")} ended`);
}

async function textOf(child) {
	let text = "";
	for await (const part of child.stdout.setEncoding("utf8")) text += part;
	return text;
}

/** The back end in Go, built in the folder. */
async function built() {
	const program = join(folder, "backend");
	const go = spawn("go", ["build", "-o", program, "."], { cwd: join(here, "go"), stdio: "inherit" });
	const code = await new Promise((resolve, reject) => go.once("error", reject).once("exit", resolve));
	if (code !== 0) throw new Error("the back end in Go could not be built");
	return [program];
}
