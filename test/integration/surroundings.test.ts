import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { tempFolder } from "../util/temp-folder.js";

// What a process meets where it runs: few descriptors, a root that is read-only, no home, a clock that jumps, a long stop.

const isRoot = process.getuid?.() === 0;

function web(port: number) {
	return { web: { endpoints: [`127.0.0.1:${port}`] } };
}

function subscribe(fingerpost: Fingerpost, id: string): XdsStream {
	const stream = new XdsStream({ port: fingerpost.xdsPort });
	stream.send({ type_url: TYPE_URL.eds, node: { id }, resource_names: ["web"] });
	return stream;
}

/** That a change arrives; it may take its time where the last attempt to read the config has failed. */
async function expectChange(fingerpost: Fingerpost, stream: XdsStream, port: number): Promise<void> {
	await fingerpost.setServices(web(port));
	await stream.next(`port ${port}`, (response) => JSON.stringify(response).includes(`"port_value":${port}`));
}

it.runIf(process.platform === "linux")(
	"goes on with 64 descriptors under 200 connections, and takes changes when they are gone",
	async () => {
		const under = ["prlimit", "--nofile=64"];
		await using fingerpost = await Fingerpost.start({ services: web(1) }, { under });
		using stream = subscribe(fingerpost, "one");
		await stream.next("endpoints", () => true);
		const sockets = Array.from({ length: 200 }, () =>
			connect(fingerpost.xdsPort, "127.0.0.1")
				.on("error", () => {})
				.resume(),
		);
		await Promise.all(
			sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
		);
		await fingerpost.setServices(web(2));
		for (const socket of sockets) socket.destroy();
		await expectChange(fingerpost, stream, 3);
		expect(await fingerpost.get("/healthz")).toContain("ok");
		expect(fingerpost.log.length).toBeLessThan(100);
		expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
	},
);

it.skipIf(!isRoot)("serves where nothing can be written: the whole root is read-only", async () => {
	const under = ["unshare", "-m", "sh", "-c", 'mount -o remount,bind,ro / && exec "$@"', "sh"];
	await using fingerpost = await Fingerpost.start({ services: web(1) }, { under });
	using stream = subscribe(fingerpost, "one");
	await stream.next("endpoints", () => true);
	await expectChange(fingerpost, stream, 2);
	expect(await fingerpost.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});

it.skipIf(!isRoot)("works without a home, without an entry in /etc/passwd, and without any variable", async () => {
	await using folder = await tempFolder();
	await chmod(folder.path, 0o755);
	await writeFile(folder.file("fingerpost.yaml"), JSON.stringify({ services: web(1) }));
	// What must be readable for anybody: a root's own folder is not.
	const nobody = [
		"--reuid",
		"54321",
		"--regid",
		"54321",
		"--clear-groups",
		"--inh-caps=+dac_read_search",
		"--ambient-caps=+dac_read_search",
	];
	const run = (...args: string[]) =>
		spawnSync("setpriv", [...nobody, "env", "-i", process.execPath, "dist/main.js", ...args], { encoding: "utf8" });
	expect(run("version")).toMatchObject({ status: 0, stderr: "" });
	expect(run("validate", folder.file("fingerpost.yaml"))).toMatchObject({ status: 0, stderr: "" });
	expect(run("bootstrap", "envoy")).toMatchObject({ status: 0, stderr: "" });
	expect(run("discover", "127.0.0.1:80")).toMatchObject({ status: 0, stderr: "" });
	const listen = ["--xds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
	const serve = ["dist/main.js", "serve", "-c", folder.file("fingerpost.yaml"), ...listen];
	await using child = new Child("setpriv", [...nobody, "env", "-i", process.execPath, ...serve]);
	await waitUntil("it is ready", () => child.stdout.find((line) => line.includes(" ready ")));
	expect(await child.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});

it("goes on when its clock jumps ten days on, and twenty days back", async () => {
	const env = { NODE_OPTIONS: `--import ${new URL("../../lab/clock-jump.mjs", import.meta.url)}` };
	await using fingerpost = await Fingerpost.start({ services: web(1) }, { env });
	using stream = subscribe(fingerpost, "one");
	await stream.next("endpoints", () => true);
	for (const [port, days] of [
		[2, 10],
		[3, -10],
	] as const) {
		process.kill(fingerpost.pid, "SIGUSR2");
		await waitUntil("its clock has jumped", async () => {
			using late = subscribe(fingerpost, "late");
			await late.next("endpoints", () => true);
			const { clients } = await fingerpost.api<{ clients: { connectedAt: string }[] }>("/clients?node=late");
			const seen = Date.parse(clients.at(-1)?.connectedAt ?? "");
			return Math.abs(seen - Date.now() - days * 86_400_000) < 3_600_000;
		});
		await expectChange(fingerpost, stream, port);
	}
	expect(fingerpost.log.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
});

// Longer than the keepalive, whose ping nobody answers meanwhile, and than every limit of a connection.
it("keeps its streams when it is stopped for 75 s, and sends them what changed meanwhile", {
	timeout: 120_000,
}, async () => {
	await using fingerpost = await Fingerpost.start({ services: web(1) });
	const streams = Array.from({ length: 20 }, (_, i) => subscribe(fingerpost, `n${i}`));
	await Promise.all(streams.map((stream) => stream.next("endpoints", () => true)));
	process.kill(fingerpost.pid, "SIGSTOP");
	await new Promise((resolve) => setTimeout(resolve, 75_000));
	await fingerpost.setServices(web(2));
	process.kill(fingerpost.pid, "SIGCONT");
	await Promise.all(
		streams.map((stream) => stream.next("port 2", (response) => JSON.stringify(response).includes('"port_value":2'))),
	);
	expect(await fingerpost.clients()).toHaveLength(20);
	for (const stream of streams) stream[Symbol.dispose]();
});
