import { once } from "node:events";
import { get } from "node:http";
import { expect, it } from "vitest";
import { slowness } from "../../../lab/machine-speed.mjs";
import { AdminServer } from "../../../src/admin/admin-server.js";
import { Metrics } from "../../../src/admin/metrics/metrics.js";
import type { HostPort } from "../../../src/model/host-port.js";
import type { TypeStatus } from "../../../src/server/protocol/client-status.js";
import { FakeSources, fakeClient, fakeService } from "../fake-sources.js";

/** CPU time that one turn of the event loop may take: milliseconds of the usual machine. */
const LIMIT_MS = 50;

it("100,000 services and 1,000 clients of 1,000 names are read by several at once, and no turn of the loop takes long", async () => {
	const services = Array.from({ length: 100_000 }, (_, i) => fakeService(`service-${(i * 7_919) % 100_000}`));
	const sources = new FakeSources();
	const byName = new Map(services.map((service) => [service.name, service]));
	sources.service = (name) => byName.get(name);
	const names = Array.from({ length: 1_000 }, (_, i) => `service-${i}`);
	const sent = { sent: null, acked: null, nacked: null, missing: [], asksNothing: false, synced: true };
	const eds = { mode: "delta", wildcard: false, ...sent } as const;
	const clients = Array.from({ length: 1_000 }, (_, stream) => {
		const type: TypeStatus = {
			...eds,
			get names() {
				return [...names];
			},
		};
		return fakeClient({ stream, types: { eds: type } });
	});
	const listen = { host: "127.0.0.1", port: 0 };
	await using server = new AdminServer({ listen, sources, metrics: new Metrics(sources) });
	await server.start();
	const paths = ["/api/v1/services", "/api/v1/clients", "/metrics", "/readyz", "/api/v1/services?limit=10"];
	// What has not been compiled yet takes several times as long.
	sources.all = services.slice(0, 10_000);
	sources.connected = clients.slice(0, 100);
	await Promise.all(paths.map((path) => lengthOf(server, path)));
	sources.all = services;
	sources.connected = clients;
	using loop = watchLoop();
	const lengths = await Promise.all(paths.map((path) => lengthOf(server, path)));
	// All of it came.
	expect(lengths[0]).toBeGreaterThan(20_000_000);
	expect(lengths[1]).toBeGreaterThan(13_000_000);
	expect(lengths[2]).toBeGreaterThan(20_000_000);
	expect(loop.longest).toBeLessThan(LIMIT_MS);
});

async function lengthOf(server: AdminServer, path: string): Promise<number> {
	const { port } = server.address as HostPort;
	const request = get({ host: "127.0.0.1", port, path, agent: false });
	const [response] = await once(request, "response");
	let length = 0;
	for await (const chunk of response) length += (chunk as Buffer).length;
	return length;
}

/** Watches how much CPU time this thread takes in each turn: what others do on the machine does not count. */
function watchLoop() {
	let longest = 0;
	let isOver = false;
	let last = process.threadCpuUsage();
	const look = () => {
		const { user, system } = process.threadCpuUsage(last);
		const computed = (user + system) / 1_000;
		if (computed > longest) longest = Math.max(longest, computed / slowness());
		last = process.threadCpuUsage();
		if (!isOver) setImmediate(look);
	};
	look();
	return {
		get longest() {
			return longest;
		},
		[Symbol.dispose]() {
			isOver = true;
		},
	};
}
