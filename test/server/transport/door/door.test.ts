import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/model/limits.js";
import { Door } from "../../../../src/server/transport/door/door.js";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

it("the door does not look at a connection that is gone, though its close is still to be told", () => {
	const door = new Door(() => DEFAULT_LIMITS, { limited: () => {}, hasOwnTime: () => false });
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
