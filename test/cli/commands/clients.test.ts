import { describe, expect, it } from "vitest";
import { Child } from "../../../lab/child.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { XdsStream } from "../../../lab/xds-client.js";
import { MAIN, type Outcome, runProgram } from "../run-program.js";

const LDS = "type.googleapis.com/envoy.config.listener.v3.Listener";
const GREETER = { protocol: "grpc", endpoints: ["127.0.0.1:8083", { address: "127.0.0.1:8084", weight: 50 }] };

/** A control plane with the service `greeter`, and a gRPC client `vm` that asks for it and for `greter`. */
async function startLab() {
	const server = await Fingerpost.start(
		{ services: { greeter: GREETER, web: "127.0.0.1:8081" } },
		{ args: ["--log-level", "trace"] },
	);
	const stream = new XdsStream({ port: server.xdsPort });
	const node = {
		id: "vm",
		user_agent_name: "gRPC Go",
		user_agent_version: "1.85.0",
		locality: { region: "eu", zone: "a" },
	};
	const names = { type_url: LDS, resource_names: ["greeter", "greter"] };
	stream.send({ ...names, node });
	const { nonce, version } = await stream.next("the listener", () => true);
	stream.send({ ...names, response_nonce: nonce, version_info: version });
	await waitUntil("it has ACKed", async () => (await server.clients())[0]?.types.lds?.acked !== null);
	const admin = new URL(server.adminUrl).host;
	return {
		server,
		stream,
		admin,
		run: (...args: string[]): Promise<Outcome> => runProgram([...args, "--admin", admin]),
		async [Symbol.asyncDispose]() {
			stream[Symbol.dispose]();
			await server[Symbol.asyncDispose]();
		},
	};
}

describe("a client that asks for a name that does not exist", () => {
	it("is seen in status, clients, the API, the log and the metrics, with what was meant", async () => {
		await using lab = await startLab();
		const meant = 'vm asks for "greter", which does not exist; did you mean "greeter"?';
		const status = await lab.run("status");
		expect(status.stdout).toMatch(/^vm +\S+ +lds +sotw +2 +\S+ +\S+ +missing +\d+s$/m);
		expect(status.stdout).toContain(`1 client: 1 type missing\n\nMissing:\n${meant}\n`);
		expect((await lab.run("status", "--state", "missing", "-o", "name")).stdout).toBe("vm\n");
		expect((await lab.run("status", "--state", "synced")).stderr).toBe("No connected client is like that.\n");

		const clients = await lab.run("clients", "vm");
		expect(clients.stdout).toMatch(
			/^vm \(stream 1\): \w+, gRPC Go 1\.85\.0, in zone eu\/a, from 127\.0\.0\.1:\d+, for \d+s$/m,
		);
		expect(clients.stdout).toMatch(/^lds +greeter +acked +\S{11}$/m);
		expect(clients.stdout).toMatch(/^lds +greter +missing +-$/m);
		expect(clients.stdout).toContain(`\n${meant}\n`);
		const json = JSON.parse((await lab.run("clients", "vm", "-o", "json")).stdout);
		expect(json.clients[0].types.lds).toMatchObject({
			names: ["greeter", "greter"],
			missing: ["greter"],
			resources: [
				{ name: "greeter", state: "acked", nearest: null },
				{ name: "greter", state: "missing", version: null, nearest: "greeter" },
			],
		});

		const warned = lab.server.log.filter(({ msg }) => msg === "client asks for a name that no service has");
		expect(warned.map(({ text }) => JSON.parse(text))).toMatchObject([
			{ level: "warn", node: "vm", stream: 1, type: "lds", name: "greter", nearest: "greeter" },
		]);
		expect(await lab.server.get("/metrics")).toContain("\nfingerpost_unknown_names 1\n");

		await lab.server.setServices({ greter: GREETER });
		await waitUntil("it is there", async () => (await lab.run("status")).stdout.includes("pending"));
		expect(await lab.server.get("/metrics")).toContain("\nfingerpost_unknown_names 0\n");
	});

	it("has, and lacks, a service by its name", async () => {
		await using lab = await startLab();
		const { stdout } = await lab.run("services", "greeter");
		expect(stdout).toContain("Clients:    1 of 1 have it\n");
		expect(stdout).toContain("\nClients:\n  vm (stream 1): lds acked\n");
		expect((await lab.run("services", "web")).stdout).toContain("Clients:    0 of 0 have it\n");
	});

	it("is none of a node that is not connected", async () => {
		await using lab = await startLab();
		expect(await lab.run("clients", "wm")).toEqual({
			code: 1,
			stdout: "",
			stderr: 'error: no client of the node "wm" is connected; did you mean "vm"?\n',
		});
	});
});

describe("the log at debug and trace", () => {
	it("has each request and response, each decision, and what is in the messages", async () => {
		await using lab = await startLab();
		await lab.run("services");
		const lines = () => lab.server.log.map(({ text }) => JSON.parse(text));
		const of = (msg: string) => lines().filter((line) => line.msg === msg);
		await waitUntil("the request is logged", () => of("admin request").some(({ path }) => path === "/api/v1/services"));
		expect(of("request")).toMatchObject([
			{ level: "debug", node: "vm", type: "lds", is: "subscription", names: ["greeter", "greter"], due: true },
			{ type: "lds", is: "ack", due: false },
		]);
		expect(of("response")).toMatchObject([
			{ level: "debug", node: "vm", type: "lds", why: "asked for", resources: ["greeter"] },
		]);
		expect(of("request message")[0]).toMatchObject({ level: "trace", message: { names: ["greeter", "greter"] } });
		expect(of("response message")[0]).toMatchObject({ level: "trace", message: { resources: [{ name: "greeter" }] } });
		expect(of("service decided")[0]).toMatchObject({ level: "debug", why: "every target has answered" });
		expect(of("target answered")[0]).toMatchObject({ target: "127.0.0.1:8081", endpoints: 1, differs: true });
		await lab.server.setServices({ greeter: { ...GREETER, endpoints: ["127.0.0.1:8083"] } });
		await waitUntil("the change is logged", () => of("service changed").length > 0);
		expect(of("service changed")[0]).toMatchObject({ level: "info", service: "greeter", removed: ["127.0.0.1:8084"] });
	});
});

describe("--watch", () => {
	it("shows each change when it comes, says once that the control plane has gone, and goes on with the next", async () => {
		await using lab = await startLab();
		const args = [MAIN, "services", "--watch", "-o", "json", "--admin", lab.admin];
		await using watch = new Child(process.execPath, args);
		await waitUntil("it shows what there is", () => watch.stdout.length > 0);
		await waitUntil("it listens", async () => (await lab.server.get("/metrics")) && watch.stdout.length > 0);
		await lab.server.setServices({ web: "127.0.0.1:9090", more: "127.0.0.1:9091" });
		const newest = () => JSON.parse(watch.stdout.at(-1) ?? "{}").services.map(({ name }: { name: string }) => name);
		await waitUntil("the change is shown", () => newest().includes("more"));
		await lab.server.kill();
		await waitUntil("it says so", () => watch.stderr.some((line) => line.includes("connection refused")));
		await lab.server.setServices({ more: undefined });
		await lab.server.startAgain();
		await waitUntil("it goes on", () => !newest().includes("more"));
		expect(watch.stderr.filter((line) => line.includes("connection refused"))).toHaveLength(1);
		expect(await watch.kill("SIGINT")).toMatchObject({ code: 0 });
	});
});

describe("fingerpost refresh", () => {
	it("asks a target's source again, or says that no service has it", async () => {
		await using lab = await startLab();
		expect(await lab.run("refresh", "127.0.0.1:8081")).toEqual({
			code: 0,
			stdout: "127.0.0.1:8081 is asked again\n",
			stderr: "",
		});
		expect(await lab.run("refresh", "127.0.0.1:8082")).toEqual({
			code: 1,
			stdout: "",
			stderr: 'error: no service is "127.0.0.1:8082" or has that target; did you mean "127.0.0.1:8081"?\n',
		});
	});
});

describe("fingerpost refresh of a service", () => {
	it("asks the sources of all of its targets, or says that it has none to ask", async () => {
		const targets = [{ target: "127.0.0.1:8081" }, { target: "127.0.0.1:8082" }];
		await using server = await Fingerpost.start({ services: { greeter: GREETER, web: { targets } } });
		const run = (name: string) => runProgram(["refresh", name, "--admin", new URL(server.adminUrl).host]);
		expect(await run("web")).toEqual({
			code: 0,
			stdout: "127.0.0.1:8081 is asked again\n127.0.0.1:8082 is asked again\n",
			stderr: "",
		});
		const inline = await run("greeter");
		expect([inline.code, inline.stderr]).toEqual([1, "error: greeter has no target whose source can be asked\n"]);
	});
});

describe("what a command says of a wrong --admin", () => {
	it("names the admin port, and knows the xDS port for what it is", async () => {
		await using lab = await startLab();
		const wrong = await runProgram(["status", "--admin", "foo"]);
		expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("such as 127.0.0.1:18001")]);
		const xds = await runProgram(["status", "--admin", `127.0.0.1:${lab.server.xdsPort}`]);
		expect([xds.code, xds.stderr]).toEqual([1, expect.stringContaining("is it the xDS port?")]);
	});
});
