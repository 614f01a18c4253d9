import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { freePorts } from "../../../lab/ports.js";
import { AdminServer } from "../../../src/admin/admin-server.js";
import { Metrics } from "../../../src/admin/metrics/metrics.js";
import { health } from "../../../src/cli/commands/health.js";
import type { HostPort } from "../../../src/model/host-port.js";
import { FakeSources, fakeService } from "../../admin/fake-sources.js";

async function run(admin: HostPort, ready?: boolean): Promise<{ code: number; stdout: string; stderr: string }> {
	const written = { stdout: "", stderr: "" };
	const stream = (name: "stdout" | "stderr") => ({ write: (text: string) => (written[name] += text) });
	const io = { stdout: stream("stdout"), stderr: stream("stderr"), env: {}, closed: new AbortController().signal };
	return { code: await health({ admin, ...(ready !== undefined && { ready }) }, io), ...written };
}

async function adminServer(...services: Parameters<typeof fakeService>[]): Promise<AdminServer> {
	const sources = new FakeSources(...services.map((each) => fakeService(...each)));
	const listen = { host: "127.0.0.1", port: 0 };
	const server = new AdminServer({ listen, sources, metrics: new Metrics(sources) });
	await server.start();
	return server;
}

/** Any server that is no control plane. */
async function stranger(server: Server): Promise<HostPort & AsyncDisposable> {
	const sockets = new Set<Socket>();
	server.on("connection", (socket: Socket) => sockets.add(socket));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		host: "127.0.0.1",
		port: (server.address() as AddressInfo).port,
		async [Symbol.asyncDispose]() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

describe("fingerpost health", () => {
	it("is well while the control plane runs, ready once every service is known", async () => {
		await using server = await adminServer(["web"]);
		expect(await run(server.address as HostPort)).toEqual({ code: 0, stdout: "ok\n", stderr: "" });
		expect(await run(server.address as HostPort, true)).toEqual({ code: 0, stdout: "ready\n", stderr: "" });
	});

	it("is well but not ready while a service is unknown", async () => {
		await using server = await adminServer(["web"], ["silent", { state: "unknown", known: false, endpoints: [] }]);
		expect(await run(server.address as HostPort)).toMatchObject({ code: 0 });
		expect(await run(server.address as HostPort, true)).toEqual({
			code: 1,
			stdout: "",
			stderr: "not ready: /readyz answers 503: 1 of 2 services have no answer from their source yet\n",
		});
	});

	it("says in one line that nobody listens", async () => {
		const [port = 0] = await freePorts(1);
		expect(await run({ host: "127.0.0.1", port })).toEqual({
			code: 1,
			stdout: "",
			stderr: `not healthy: cannot read the admin port 127.0.0.1:${port}: connection refused\n`,
		});
	});

	it.each([
		["another status", 500, "broken\nin two lines", /^not healthy: \/healthz answers 500: broken\\nin two lines\n$/],
		["no JSON", 200, "<html>", /^not healthy: what listens there is not a Fingerpost admin port\n$/],
		["other JSON", 200, '{"status":"UP"}', /^not healthy: \/healthz answers "UP"\n$/],
	])("is not deceived by a server that answers with %s", async (_, status, body, message) => {
		const server = createHttpServer((_request, response) => response.writeHead(status).end(body));
		await using address = await stranger(server);
		expect(await run(address)).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
	});

	it.each([
		["says nothing", createServer()],
		["never ends its answer", createHttpServer((_request, response) => response.writeHead(200).write("{"))],
	])("gives up after 3 s on a server that %s", async (_, server) => {
		await using address = await stranger(server);
		expect(await run(address)).toMatchObject({ code: 1, stderr: expect.stringContaining("no answer within 3 s") });
	});
});
