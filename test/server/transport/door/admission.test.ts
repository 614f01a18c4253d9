import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Admission } from "../../../../src/server/transport/door/admission.js";

let admitted: number[];
let busy: boolean;
let shaking: boolean;
let refusals: number;
let lastPort: number;
/** What is to be done at the next turn of the event loop. */
let due: Set<() => void>;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
	due = new Set();
	vi.stubGlobal("setImmediate", (work: () => void) => {
		due.add(work);
		return work;
	});
	vi.stubGlobal("clearImmediate", (work: () => void) => due.delete(work));
	admitted = [];
	busy = false;
	shaking = false;
	refusals = 0;
	lastPort = 0;
});
afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

/** What an admission looks at of a socket; its port is its number. */
class FakeSocket extends EventEmitter {
	readonly remoteAddress: string;
	readonly remotePort = ++lastPort;
	destroyed = false;

	constructor(address: string) {
		super();
		this.remoteAddress = address;
	}

	destroy(): void {
		if (this.destroyed) return;
		this.destroyed = true;
		this.emit("close");
	}
}

function admission(): Admission {
	return new Admission({
		admit: ({ remotePort }) => admitted.push(remotePort as number),
		busy: () => busy,
		shaking: () => shaking,
		refusing: () => refusals++,
	});
}

function come(to: Admission, count: number, address = "127.0.0.1"): FakeSocket[] {
	const sockets = Array.from({ length: count }, () => new FakeSocket(address));
	for (const socket of sockets) to.add(socket as unknown as Socket);
	return sockets;
}

/** Those admitted since the last look open their streams. */
function arrive(at: Admission): void {
	for (const port of admitted.splice(0)) at.arrived(`127.0.0.1:${port}`);
}

function turn(count = 1): void {
	for (let i = 0; i < count; i++) {
		const now = [...due];
		due.clear();
		for (const work of now) work();
	}
}

/** Everything that it wants to do later. */
function pending(): number {
	return due.size + vi.getTimerCount();
}

describe("an admission", () => {
	it("lets a connection in at once that comes alone, also while streams are busy", () => {
		const gate = admission();
		come(gate, 1);
		expect(admitted).toEqual([1]);
		busy = true;
		turn();
		come(gate, 1);
		expect(admitted).toEqual([1, 2]);
		expect(gate.waiting).toBe(0);
	});

	it("lets a few of a crowd in at each turn, in the order in which they came", () => {
		const gate = admission();
		come(gate, 10);
		expect(admitted).toEqual([1, 2, 3, 4]);
		expect(gate.waiting).toBe(6);
		turn();
		expect(admitted).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		turn();
		expect(admitted).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		turn();
		expect(pending()).toBe(0);
	});

	it("lets addresses in in turns, however many wait of one", () => {
		const gate = admission();
		come(gate, 24);
		come(gate, 2, "127.0.0.2");
		come(gate, 1, "127.0.0.3");
		turn(10);
		expect(admitted).toEqual([1, 2, 3, 4, 5, 25, 27, 6, 26, 7, 8, 9, 10, 11, 12, 13]);
		for (let i = 0; i < 10; i++) {
			arrive(gate);
			turn();
		}
		expect(gate.waiting).toBe(0);
	});

	it("lets nobody in while enough handshakes are open, and the next ones when one is over", () => {
		const gate = admission();
		shaking = true;
		come(gate, 3);
		turn(10);
		expect(admitted).toEqual([]);
		shaking = false;
		gate.shaken();
		expect(admitted).toEqual([1, 2, 3]);
		turn();
		shaking = true;
		come(gate, 2);
		gate.shaken();
		expect(admitted).toEqual([1, 2, 3]);
		// Slow ones stop counting, and nobody tells of it.
		shaking = false;
		vi.advanceTimersByTime(20);
		expect(admitted).toEqual([1, 2, 3, 4, 5]);
	});

	it("lets one in at each turn while streams are busy", () => {
		const gate = admission();
		busy = true;
		come(gate, 3);
		expect(admitted).toEqual([1]);
		turn();
		expect(admitted).toEqual([1, 2]);
		turn();
		expect(admitted).toEqual([1, 2, 3]);
	});

	it("lets no more in while sixteen have not opened their streams", () => {
		const gate = admission();
		come(gate, 40);
		turn(10);
		expect(admitted).toHaveLength(16);
		gate.arrived("127.0.0.1:7");
		// Not the first of it, and of nobody who came here.
		gate.arrived("127.0.0.1:7");
		gate.arrived("127.0.0.1:9999");
		turn(10);
		expect(admitted).toHaveLength(17);
		for (let i = 0; i < 20; i++) {
			arrive(gate);
			turn();
		}
		expect(gate.waiting).toBe(0);
	});

	it("does not let others wait for long for those who open no stream", () => {
		const gate = admission();
		come(gate, 40);
		turn(10);
		expect(admitted).toHaveLength(16);
		vi.advanceTimersByTime(19);
		expect(admitted).toHaveLength(16);
		vi.advanceTimersByTime(1);
		turn(10);
		expect(admitted).toHaveLength(32);
		vi.advanceTimersByTime(20);
		turn(10);
		expect(admitted).toHaveLength(40);
		expect(pending()).toBe(0);
	});

	it("gives the place of one who is gone to the next, and forgets who goes while it waits", () => {
		const gate = admission();
		const sockets = come(gate, 20);
		turn(10);
		sockets[17]?.destroy();
		expect(gate.waiting).toBe(3);
		sockets[0]?.destroy();
		sockets[1]?.destroy();
		turn(10);
		expect(admitted.slice(16)).toEqual([17, 19]);
		expect(gate.refused).toBe(0);
	});

	it("refuses who comes while 8,192 wait, and tells of it once until nobody waits any more", () => {
		const gate = admission();
		const first = come(gate, 4 + 8_192);
		expect(gate.waiting).toBe(8_192);
		const late = come(gate, 2);
		expect(late.map(({ destroyed }) => destroyed)).toEqual([true, true]);
		expect([gate.refused, refusals]).toEqual([2, 1]);
		expect(first.some(({ destroyed }) => destroyed)).toBe(false);
		for (let i = 0; i < 3_000; i++) {
			arrive(gate);
			turn();
		}
		expect(gate.waiting).toBe(0);
		come(gate, 5 + 8_192);
		expect([gate.refused, refusals]).toEqual([3, 2]);
	});

	it("refuses who has waited for 15 s, a few at each turn", () => {
		const gate = admission();
		busy = true;
		const sockets = come(gate, 4);
		turn();
		expect(admitted).toEqual([1, 2]);
		// The process stood still.
		vi.advanceTimersByTime(15_001);
		turn(2);
		expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, true, true]);
		expect([gate.refused, refusals, gate.waiting]).toEqual([2, 1, 0]);
		come(gate, 1);
		turn();
		expect(admitted).toEqual([1, 2, 5]);
	});

	it("ends who waits when it is stopped, and who comes later", () => {
		const gate = admission();
		const sockets = come(gate, 30);
		turn(10);
		gate.stop();
		const [late] = come(gate, 1);
		expect(pending()).toBe(0);
		expect(sockets.map(({ destroyed }) => destroyed)).toEqual(sockets.map((_, i) => i >= 16));
		expect(late?.destroyed).toBe(true);
		expect(admitted).toHaveLength(16);
	});
});
