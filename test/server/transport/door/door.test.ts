import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/model/limits.js";
import { Door } from "../../../../src/server/transport/door/door.js";

beforeEach(() => {
	// How busy the loop is, is as it is.
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
});
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

it("the door does not look at a connection that is gone, though its close is still to be told", () => {
	const door = new Door(() => DEFAULT_LIMITS, {
		limited: () => {},
		welcome: (_stream, _headers, pass) => pass(),
		hasOwnTime: () => false,
	});
	const http2 = new EventEmitter();
	door.guard(http2);
	let isGone = false;
	const socket = {
		remoteAddress: "10.0.0.1",
		// As that of Node's HTTP/2 sessions.
		get bytesRead(): number {
			if (isGone) throw new Error("The socket has been disconnected from the Http2Session");
			return 0;
		},
	};
	const session = Object.assign(new EventEmitter(), { socket, destroyed: false });
	http2.emit("session", session);
	vi.advanceTimersByTime(1_000);
	isGone = true;
	expect(() => vi.advanceTimersByTime(1_000)).toThrow("disconnected");
	session.destroyed = true;
	expect(() => vi.advanceTimersByTime(1_000)).not.toThrow();
	door.stop();
});

it("the door looks at a part of many connections at a time, and at each in its turn", () => {
	const door = new Door(() => DEFAULT_LIMITS, {
		limited: () => {},
		welcome: (_stream, _headers, pass) => pass(),
		hasOwnTime: () => false,
	});
	const http2 = new EventEmitter();
	door.guard(http2);
	const looks = new Array<number>(3_000).fill(0);
	for (const [i] of looks.entries()) {
		const socket = {
			remoteAddress: "10.0.0.1",
			get bytesRead(): number {
				looks[i] = (looks[i] ?? 0) + 1;
				return 0;
			},
		};
		http2.emit("session", Object.assign(new EventEmitter(), { socket, destroyed: false }));
	}
	vi.advanceTimersByTime(250);
	expect(looks.filter((count) => count > 0).length).toBeLessThanOrEqual(1_024);
	vi.advanceTimersByTime(25 * 250);
	expect(looks.every((count) => count > 0)).toBe(true);
	door.stop();
});

it("an address whose streams end as soon as they begin loses its connections, be they many short ones", () => {
	// All within one moment: the limit is a rate.
	vi.spyOn(performance, "now").mockReturnValue(1_000);
	const limited: string[] = [];
	const door = new Door(() => DEFAULT_LIMITS, {
		limited: (address, limit) => limited.push(`${address} ${limit}`),
		welcome: (_stream, _headers, pass) => pass(),
		hasOwnTime: () => true,
	});
	const http2 = new EventEmitter();
	http2.on("stream", () => {});
	door.guard(http2);
	const connect = (remoteAddress: string) => {
		const ended = { destroyed: false, destroy: () => (ended.destroyed = true) };
		const session = Object.assign(new EventEmitter(), ended, { socket: { remoteAddress, bytesRead: 0 } });
		session.destroy = () => (session.destroyed = true);
		http2.emit("session", session);
		return session;
	};
	const other = connect("10.0.0.2");
	let session = connect("10.0.0.1");
	for (let i = 0; i < 4_100 && !session.destroyed; i++) {
		if (i % 100 === 0) session = connect("10.0.0.1");
		http2.emit("stream", Object.assign(new EventEmitter(), { session, destroyed: true }), {}, 0);
	}
	expect([session.destroyed, other.destroyed, limited]).toEqual([true, false, ["10.0.0.1 frames"]]);
	door.stop();
});
