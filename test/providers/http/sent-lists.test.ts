import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventOf, FakeListServer } from "../../../lab/fake-list-server.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { heldClock } from "../held-clock.js";
import { type Followed, followTarget } from "../observed.js";
import { httpProvider } from "./watching.js";

const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";
const { signal } = new AbortController();

let server: FakeListServer;

beforeEach(async () => {
	server = await FakeListServer.start();
	server.react = () => ({ events: eventOf([A], "1") });
});

afterEach(async () => {
	await server[Symbol.asyncDispose]();
});

const target = () => `sd+http://127.0.0.1:${server.port}/web`;
const following = (given = {}) => followTarget(httpProvider(given), target());
const told = ({ until }: Followed, list: string) => until(`it is told "${list}"`, (o) => o.list === list);
const state = ({ until }: Followed, wanted: string) =>
	until(`it is ${wanted}`, ({ status }) => status.state === wanted);
const lastIds = () => server.requests.map(({ headers }) => headers["last-event-id"]);

describe("lists that are sent as events", () => {
	it("are each the full list, of endpoints or of groups, over one connection", async () => {
		using watched = following();
		await told(watched, A);
		server.send(`: alive\n\nevent: ping\ndata: {}\n\ndata:\n\n${eventOf([{ targets: [A, B] }])}`);
		await told(watched, `${A} ${B}`);
		server.send(eventOf([]));
		await told(watched, "");
		server.send(`data: [\ndata: "${B}"]\n\n`);
		await told(watched, B);
		expect(server.requests).toHaveLength(1);
		expect(server.requests[0]?.headers.accept).toContain("text/event-stream");
		expect(watched.observed.failures).toEqual([]);
	});

	it("are looked at once, without staying", async () => {
		expect(await httpProvider().discover(parseTarget(target()), { signal })).toMatchObject([{ port: 8001 }]);
		await waitUntil("nothing is open", async () => (await server.connections) === 0);
	});

	it("go on where they ended, by the last id", async () => {
		using watched = following();
		await told(watched, A);
		server.send(eventOf([B], "2"));
		await told(watched, B);
		server.react = () => ({ events: ": nothing new\n\n" });
		server.endStreams();
		await waitUntil("it is asked again", () => server.streams === 1 && server.requests.length === 2);
		server.send(eventOf([A], "3"));
		await told(watched, A);
		expect(lastIds()).toEqual([undefined, "2"]);
		expect(watched.observed.failures).toEqual([]);
	});

	it("are a failure where one is no list, and what is known stays", async () => {
		using watched = following();
		await told(watched, A);
		server.send(eventOf(["127.0.0.1:0"], "2"));
		await state(watched, "stale");
		expect(watched.observed.status.lastError?.message).toContain("[0]: the port must be 1 to 65535");
		expect(watched.observed.lists).toEqual([A]);
		await state(watched, "synced");
		expect(lastIds().at(-1)).toBe("1");
	});

	it("are confirmed after a failure although the server has nothing new to say", async () => {
		using clock = heldClock();
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		server.react = () => ({ status: 503 });
		server.breakAll();
		await clock.advance(5_000);
		expect(watched.observed.status.state).toBe("stale");
		server.react = () => ({ events: "" });
		await clock.advance(45_000);
		expect(watched.observed.status.state).toBe("synced");
		expect(watched.observed.lists).toEqual([A]);
	});

	it("are confirmed after a failure by a server that takes the last id and ends the stream", async () => {
		using clock = heldClock();
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		server.react = () => ({ status: 503 });
		server.breakAll();
		await clock.advance(5_000);
		expect(watched.observed.status.state).toBe("stale");
		server.react = () => ({ headers: { "content-type": "text/event-stream" }, body: ": nothing new\n\n" });
		// A question may have failed just before: the next one comes within the longest pause.
		for (let s = 0; s < 60 && watched.observed.status.state !== "synced"; s++) await clock.advance(1_000);
		expect(watched.observed.status.state).toBe("synced");
	});

	it("are a failure where the first one does not come in time", async () => {
		server.react = () => ({ events: ": hello\n\n" });
		using clock = heldClock();
		using watched = following();
		await clock.advance(11_000);
		expect(watched.observed.status.lastError?.message).toContain("no list within 10s");
		server.react = () => ({ status: 200, headers: { "content-type": "text/event-stream" } });
		await clock.advance(40_000);
		expect(watched.observed.status.lastError?.message).toContain("the stream ended without a list");
	});

	it("are asked for again after 40 s of silence, which is no failure", async () => {
		using clock = heldClock();
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		await clock.advance(30_000);
		server.send(": alive\n\n");
		await clock.advance(30_000);
		expect(server.requests).toHaveLength(1);
		server.react = () => ({ events: eventOf([B]) });
		await clock.advance(11_000);
		expect(server.requests).toHaveLength(2);
		expect(watched.observed.list).toBe(B);
		expect(watched.observed.failures).toEqual([]);
	});

	it("are asked for once a second at most by a server that ends or fails each stream", async () => {
		using clock = heldClock();
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		for (const events of [eventOf([A]), "data: {}\n\n"]) {
			server.react = () => ({ headers: { "content-type": "text/event-stream" }, body: `retry: 1\n${events}` });
			server.breakAll();
			const before = server.requests.length;
			await clock.advance(30_000);
			expect(server.requests.length - before).toBeGreaterThan(1);
			expect(server.requests.length - before).toBeLessThanOrEqual(31);
		}
		expect(watched.observed.lists).toEqual([A]);
	});

	it("wait before they are asked for again for as long as the server says", async () => {
		using clock = heldClock();
		server.react = () => ({ headers: { "content-type": "text/event-stream" }, body: `retry: 7000\n${eventOf([A])}` });
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		await clock.advance(6_500);
		expect(server.requests).toHaveLength(1);
		await clock.advance(1_000);
		expect(server.requests).toHaveLength(2);
	});

	it("have a limit on their size", async () => {
		using watched = following({ maxBytes: 1_000 });
		await told(watched, A);
		server.send(`data: "${"x".repeat(2_000)}`);
		await state(watched, "stale");
		expect(watched.observed.status.lastError?.message).toContain("an event is larger than 1000 bytes");
	});
});
