import { describe, expect, it } from "vitest";
import { EventHub, MAX_READERS } from "../../../src/admin/events/event-hub.js";
import type { EventReader } from "../../../src/admin/events/event-reader.js";

const LONG = 60_000;

const change = {
	at: "2026-11-24T12:00:00.000Z",
	service: "web",
	what: "service changed",
	endpoints: 1,
	added: [],
	removed: [],
	changed: [],
};

function open(hub: EventHub, ...kinds: Parameters<EventHub["open"]>[0]): EventReader {
	const reader = hub.open(kinds);
	if (!reader) throw new Error("there is no room");
	return reader;
}

describe("a reader of events", () => {
	it("is told each service and client once, however often it changed meanwhile", async () => {
		const hub = new EventHub();
		const reader = open(hub, "services", "clients");
		for (let i = 0; i < 10_000; i++) {
			hub.service(`web-${i % 3}`);
			hub.client(i % 2);
		}
		expect(await reader.next(LONG)).toEqual({
			services: ["web-0", "web-1", "web-2"],
			clients: [0, 1],
			happened: [],
			dropped: 0,
		});
	});

	it("is told what it asked for alone", async () => {
		const hub = new EventHub();
		const reader = open(hub, "nacks");
		expect(hub.wants("changes")).toBe(false);
		hub.service("web");
		hub.client(1);
		hub.change(change);
		expect(await reader.next(10)).toBeUndefined();
		hub.nack({ at: "", node: "n", stream: 1, type: "eds", version: "v", resources: [], error: "no" });
		expect((await reader.next(LONG))?.happened).toHaveLength(1);
	});

	it("gets what comes while it waits", async () => {
		const hub = new EventHub();
		const reader = open(hub, "services");
		const next = reader.next(LONG);
		hub.service("web");
		expect((await next)?.services).toEqual(["web"]);
	});

	it("that is slow loses the oldest of what happened, and is told how many", async () => {
		const hub = new EventHub();
		const reader = open(hub, "changes");
		for (let i = 0; i < 500; i++) hub.change({ ...change, endpoints: i });
		const due = await reader.next(LONG);
		expect(due?.dropped).toBe(300);
		expect(due?.happened).toHaveLength(200);
		expect(JSON.parse(due?.happened.at(-1)?.text ?? "")).toMatchObject({ endpoints: 499 });
	});

	it("ends with its hub, also while it waits", async () => {
		const hub = new EventHub();
		const reader = open(hub, "services");
		const next = reader.next(LONG);
		hub.close();
		expect(await next).toBeUndefined();
		expect(reader.isClosed).toBe(true);
		expect(hub.open(["services"])).toBeUndefined();
	});

	it("is one of 16 at most, and makes room when it goes", () => {
		const hub = new EventHub();
		const readers = Array.from({ length: MAX_READERS }, () => open(hub, "services"));
		expect(hub.open(["services"])).toBeUndefined();
		readers[3]?.close();
		expect(hub.open(["services"])).toBeDefined();
	});
});
