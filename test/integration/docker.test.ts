import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Child } from "../../lab/child.js";
import { DockerEngine, describeDocker, IMAGE } from "../../lab/docker-engine.js";
import { FakeDocker } from "../../lab/fake-docker.js";
import { WatchedTarget } from "../../lab/kube-lab.js";
import { freePorts } from "../../lab/ports.js";
import { waitUntil } from "../../lab/wait-until.js";
import { dockerOptions } from "../../src/providers/docker/docker-options.js";
import { DockerProvider } from "../../src/providers/docker/docker-provider.js";
import { DEFAULT_TIMING, type DockerTiming } from "../../src/providers/docker/engine/docker-timing.js";
import { Registry } from "../../src/providers/registry.js";
import { tempFolder } from "../util/temp-folder.js";

const run = promisify(execFile);

const SERVE = "require('http').createServer((q, r) => r.end('ok')).listen(Number(process.argv[1]), '127.0.0.1')";

describe("examples/docker", () => {
	it("has the bootstrap that fingerpost prints, and a config without any address", async () => {
		const fingerpost = async (...args: string[]) => (await run(process.execPath, ["dist/main.js", ...args])).stdout;
		const server = ["--server", "172.28.6.10:18000", "--node-id", "envoy"];
		const printed = await fingerpost("bootstrap", "envoy", "--listen", "0.0.0.0:10000", ...server);
		expect(parse(await readFile("examples/docker/envoy.yaml", "utf8"))).toEqual(parse(printed));
		const config = await readFile("examples/docker/fingerpost.yaml", "utf8");
		expect(config).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
		expect(await fingerpost("validate", "examples/docker/fingerpost.yaml")).toContain("is valid: 3 services");
	});

	it("has a proxy of the socket that lets Fingerpost read, and nobody write", async () => {
		await using folder = await tempFolder();
		await using docker = await FakeDocker.start(folder.path);
		const [port = 0] = await freePorts(1);
		const env = { ...process.env, SOCKET: docker.socket, HOST: "127.0.0.1", PORT: String(port) };
		const program = ["--import", "./lab/ts-hook.mjs", "examples/mesh/socket-proxy.ts"];
		await using _proxy = new Child(process.execPath, program, { env });
		const published = [{ IP: "0.0.0.0", PrivatePort: 8080, PublicPort: 32_000, Type: "tcp" }];
		docker.run({ name: "web", networks: {}, ports: published });
		const options = dockerOptions.parse({ socket: `tcp://127.0.0.1:${port}` });
		const parts = {
			timing: { ...DEFAULT_TIMING, backoff: [50, 200] as const },
			environment: {},
			ownId: () => undefined,
		};
		const registry = new Registry().register("docker", new DockerProvider(options, parts));
		using web = new WatchedTarget(registry, "docker:///web:8080");
		await web.is("synced: 127.0.0.1:32000 unknown");
		docker.run();
		await web.is("synced: ");
		const before = docker.requests.length;
		const asked = (path: string, method: string) => fetch(`http://127.0.0.1:${port}${path}`, { method });
		expect((await asked("/containers/create", "POST")).status).toBe(403);
		expect((await asked("/containers/json", "POST")).status).toBe(403);
		expect((await asked("/containers/web/json", "GET")).status).toBe(403);
		expect(docker.requests.slice(before)).toEqual([]);
	});
});

describeDocker("the docker provider with a real engine", () => {
	let engine: DockerEngine;

	beforeAll(async () => {
		engine = await DockerEngine.start();
	});

	afterAll(async () => {
		await engine?.[Symbol.asyncDispose]();
	});

	function watched(target: string, timing: Partial<DockerTiming> = {}): WatchedTarget {
		const options = dockerOptions.parse({ socket: engine.url });
		const quick = { ...DEFAULT_TIMING, backoff: [50, 500] as const, steady: 200, ...timing };
		return new WatchedTarget(new Registry().register("docker", new DockerProvider(options, { timing: quick })), target);
	}

	/** A server on the host's network. */
	async function start(name: string, port: number, ...more: readonly string[]): Promise<void> {
		const options = ["--detach", "--network", "host", "--name", name, ...more];
		await engine.docker("run", ...options, IMAGE, "/bin/node", "-e", SERVE, String(port));
	}

	it("follows containers as they start, change their names and end", async () => {
		const [port = 0] = await freePorts(1);
		using web = watched(`docker:///web:${port}`);
		await web.is("synced: ");
		await start("web", port, "--label", "fingerpost.weight=30", "--label", "fingerpost.metadata.version=v2");
		await web.is(`synced: 127.0.0.1:${port} unknown`);
		expect(web.watch.endpoints).toMatchObject([{ weight: 30, metadata: { version: "v2" }, origin: { object: "web" } }]);
		await engine.docker("pause", "web");
		await web.is("synced: ");
		expect(web.watch.notes).toEqual(["web is left out: it is paused"]);
		await engine.docker("unpause", "web");
		await web.is(`synced: 127.0.0.1:${port} unknown`);
		await engine.docker("rename", "web", "other");
		await web.is("synced: ");
		await engine.docker("rename", "other", "web");
		await web.is(`synced: 127.0.0.1:${port} unknown`);
		await engine.docker("rm", "--force", "web");
		await web.is("synced: ");
		expect(web.errors).toEqual([]);
	});

	it("takes the health that the container's own check finds", async () => {
		const [port = 0] = await freePorts(1);
		using checked = watched(`docker:///checked:${port}`);
		await checked.is("synced: ");
		const check = ["--health-interval", "1s", "--health-retries", "1", "--health-start-period", "60s"];
		await start("checked", port, ...check, "--health-cmd", "read line </tmp/well");
		await waitUntil("it is left out", () => /has not passed yet/.test(checked.watch.notes.join()));
		const node = (script: string) => engine.docker("exec", "checked", "/bin/node", "-e", script);
		await node("fs.writeFileSync('/tmp/well', 'yes\\n')");
		await checked.is(`synced: 127.0.0.1:${port}`);
		await node("fs.rmSync('/tmp/well')");
		await checked.is(`synced: 127.0.0.1:${port} unhealthy`);
	});

	it("keeps what it knows while the engine is away or hangs, and comes back", async () => {
		const [port = 0] = await freePorts(1);
		await start("kept", port);
		using kept = watched(`docker:///kept:${port}`, { interval: 500, answer: 2_000 });
		await kept.is(`synced: 127.0.0.1:${port} unknown`);
		engine.pause();
		await kept.is(`stale: 127.0.0.1:${port} unknown`);
		engine.continue();
		await kept.is(`synced: 127.0.0.1:${port} unknown`);
		await engine.stop();
		await kept.is(`stale: 127.0.0.1:${port} unknown`);
		await engine.resume();
		await kept.is(`synced: 127.0.0.1:${port} unknown`);
		expect(kept.wasEmpty).toBe(false);
	});
});
