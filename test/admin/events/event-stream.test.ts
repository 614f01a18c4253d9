import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { AdminServer } from "../../../src/admin/admin-server.js";
import { EventHub, MAX_READERS } from "../../../src/admin/events/event-hub.js";
import { Metrics } from "../../../src/admin/metrics/metrics.js";
import type { HostPort } from "../../../src/model/host-port.js";
import { FakeSources, fakeClient, fakeService } from "../fake-sources.js";

async function startServer() {
	const sources = new FakeSources(fakeService("web"), fakeService("gone"));
	const events = new EventHub();
	const told = Object.assign(sources, {
		client: (stream: number) => sources.connected.find((c) => c.stream === stream),
	});
	const listen = { host: "127.0.0.1", port: 0 };
	const server = new AdminServer({ listen, sources: told, events, metrics: new Metrics(sources) });
	await server.start();
	return { server, sources, events, [Symbol.asyncDispose]: () => server.stop() };
}

async function ask(server: AdminServer, path: string): Promise<IncomingMessage> {
	const { port } = server.address as HostPort;
	const [response] = await once(get({ host: "127.0.0.1", port, path, agent: false }), "response");
	return response as IncomingMessage;
}

/** What has come of it, as pairs of event and data. */
function eventsOf(response: IncomingMessage) {
	let text = "";
	response.on("data", (chunk: Buffer) => {
		text += chunk;
	});
	response.on("error", () => {});
	return {
		get text() {
			return text;
		},
		get all() {
			return [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, event, data = ""]) => [
				event,
				JSON.parse(data),
			]);
		},
	};
}

describe("GET /api/v1/events", () => {
	it("tells services and clients as they are now, and what is gone", async () => {
		await using lab = await startServer();
		const response = await ask(lab.server, "/api/v1/events?only=services,clients");
		expect(response.headers["content-type"]).toBe("text/event-stream");
		const told = eventsOf(response);
		await waitUntil("it has begun", () => told.text.includes("retry: "));
		lab.sources.all = [fakeService("web", { state: "stale" })];
		lab.sources.connected = [fakeClient({ stream: 7 })];
		lab.events.service("web");
		lab.events.service("gone");
		lab.events.client(7);
		lab.events.client(8);
		await waitUntil("all is told", () => told.all.length === 4);
		expect(told.all).toMatchObject([
			["service", { name: "web", state: "stale", endpoints: { total: 1 } }],
			["service", { name: "gone", removed: true }],
			["client", { node: "envoy-1", stream: 7, types: {} }],
			["client", { stream: 8, removed: true }],
		]);
		response.destroy();
	});

	it("lets go of a reader that goes, and takes 16", async () => {
		await using lab = await startServer();
		const readers = await Promise.all(
			Array.from({ length: MAX_READERS }, () => ask(lab.server, "/api/v1/events?only=services")),
		);
		for (const reader of readers) eventsOf(reader);
		expect((await ask(lab.server, "/api/v1/events")).statusCode).toBe(503);
		// Others are answered all the same.
		expect((await ask(lab.server, "/api/v1/services")).statusCode).toBe(200);
		for (const reader of readers) reader.destroy();
		await waitUntil("they are forgotten", () => !lab.events.wants("services"));
		const again = await ask(lab.server, "/api/v1/events");
		expect(again.statusCode).toBe(200);
		again.destroy();
	});

	it("ends when the server stops, at once", async () => {
		const lab = await startServer();
		const response = await ask(lab.server, "/api/v1/events");
		eventsOf(response);
		const ended = once(response, "close");
		const before = performance.now();
		await lab.server.stop();
		await ended;
		expect(performance.now() - before).toBeLessThan(60_000);
	});

	it("says what it can tell where something else is asked for", async () => {
		await using lab = await startServer();
		const response = await ask(lab.server, "/api/v1/events?only=services,weather");
		expect(response.statusCode).toBe(400);
		response.resume();
		const head = await ask(lab.server, "/api/v1/events?only=clients");
		head.destroy();
	});

	it("does not grow with what happens while its reader reads nothing", async () => {
		await using lab = await startServer();
		const response = await ask(lab.server, "/api/v1/events");
		response.pause();
		for (let i = 0; i < 20_000; i++) lab.events.service("web");
		const told = eventsOf(response);
		response.resume();
		await waitUntil("it is told", () => told.all.length > 0);
		lab.events.service("gone");
		await waitUntil("the next one is told, too", () => told.all.some(([, { name }]) => name === "gone"));
		expect(told.all.length).toBeLessThan(10);
		response.destroy();
	});
});
