import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ConnectionAge } from "../../../../src/server/transport/door/connection-age.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
	vi.restoreAllMocks();
});

function socket(): Socket {
	return new EventEmitter() as Socket;
}

it("ends each connection at an age of its own, a tenth more or less", () => {
	const ended: Socket[] = [];
	const ages = new ConnectionAge(10_000, (each) => ended.push(each));
	const [first, second] = [socket(), socket()];
	vi.spyOn(Math, "random").mockReturnValueOnce(0).mockReturnValueOnce(1);
	ages.watch(second);
	ages.watch(first);
	vi.advanceTimersByTime(8_999);
	expect(ended).toEqual([]);
	vi.advanceTimersByTime(1);
	expect(ended).toEqual([second]);
	vi.advanceTimersByTime(2_000);
	expect(ended).toEqual([second, first]);
});

it("forgets a connection that has closed, and all when it stops", () => {
	const ages = new ConnectionAge(10_000, () => expect.unreachable());
	const [first, second] = [socket(), socket()];
	ages.watch(first);
	ages.watch(second);
	first.emit("close");
	expect(vi.getTimerCount()).toBe(1);
	ages.stop();
});
