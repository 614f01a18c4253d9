import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { FairQueue } from "../../../../src/server/transport/door/fair-queue.js";

function socket(remoteAddress: string | undefined): Socket {
	return { remoteAddress } as Socket;
}

it("gives each address its turn, and of one address keeps the order", () => {
	const queue = new FairQueue();
	const [a1, a2, a3, b1, b2] = ["a", "a", "a", "b", "b"].map(socket) as [Socket, Socket, Socket, Socket, Socket];
	[a1, a2, a3, b1, b2].forEach((each, i) => {
		queue.add(each, i);
	});
	expect([queue.take(), queue.take(), queue.size]).toEqual([[a1, 0], [b1, 3], 3]);
	// One that comes later is behind those who wait.
	const c1 = socket("c");
	queue.add(c1, 9);
	expect([queue.take()?.[0], queue.take()?.[0], queue.take()?.[0], queue.take()?.[0]]).toEqual([a2, b2, c1, a3]);
	expect([queue.take(), queue.size]).toEqual([undefined, 0]);
});

it("forgets who is gone, also one that has no address any more", () => {
	const queue = new FairQueue();
	const [gone, left, closed] = [socket("a"), socket("b"), socket(undefined)];
	for (const each of [gone, left, closed]) queue.add(each, 0);
	Object.assign(gone, { remoteAddress: undefined });
	queue.delete(gone);
	queue.delete(gone);
	queue.delete(socket("b"));
	expect(queue.size).toBe(2);
	expect(queue.take()?.[0]).toBe(left);
	expect(queue.clear()).toEqual([closed]);
	expect([queue.size, queue.take()]).toEqual([0, undefined]);
});
