import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PATIENCE } from "../../lab/patience.js";
import { waitUntil } from "../../lab/wait-until.js";
import { HostileLab, url } from "./hostile-lab.js";

const CROWD = 300;

describe("when hundreds of clients connect at once", () => {
	let lab: HostileLab;
	const sockets: Socket[] = [];
	beforeEach(async () => {
		lab = await HostileLab.start("delta");
	});
	afterEach(async () => {
		for (const socket of sockets.splice(0)) socket.destroy();
		await lab?.[Symbol.asyncDispose]();
	});

	/** Connections that say nothing. */
	function silent(): readonly Socket[] {
		for (let i = 0; i < CROWD; i++) sockets.push(connect(lab.port, "127.0.0.1").on("error", () => {}));
		return sockets;
	}

	it("who was there gets its changes in between, and all are served", async () => {
		const crowd = Array.from({ length: CROWD }, () => lab.stream());
		for (const stream of crowd) stream.send(url("cds"), ["a"], { node: { id: "crowd" } });
		// How many were there at each change that arrived.
		const seen = [1];
		while (seen.at(-1) !== CROWD + 1) {
			await lab.changeArrives();
			seen.push(lab.server.clients().length);
		}
		const steps = seen.slice(1).map((count, i) => count - (seen[i] as number));
		expect(Math.max(...steps)).toBeLessThan(CROWD / 4);
		for (const stream of crowd) expect((await stream.received(1))[0]?.names).toEqual(["a"]);
	});

	it("those who say nothing are let in too, and hold up neither who was there nor who comes behind", async () => {
		silent();
		await waitUntil("some wait", () => lab.server.connections().waiting > 0, { interval: 0 });
		await lab.changeArrives();
		expect(lab.server.connections().waiting).toBeGreaterThan(0);
		const behind = lab.stream();
		behind.send(url("cds"), ["a"]);
		await behind.received(1);
		await waitUntil("nobody waits", () => lab.server.connections().waiting === 0);
		expect(lab.server.connections().refused).toBe(0);
		expect(sockets.some(({ closed }) => closed)).toBe(false);
	});

	it("a stop ends the streams of all in order, a few at a turn", async () => {
		const crowd = Array.from({ length: CROWD }, () => lab.stream());
		for (const stream of crowd) stream.send(url("cds"), ["a"]);
		for (const stream of crowd) await stream.received(1);
		const stopped = lab.server.stop(PATIENCE);
		// How many are left at each turn.
		const left = [CROWD + 1];
		while (left.at(-1) !== 0) {
			left.push(lab.server.clients().length);
			await turn();
		}
		const steps = left.slice(1).map((count, i) => (left[i] as number) - count);
		expect(Math.max(...steps)).toBeLessThan(CROWD / 4);
		await stopped;
		const ends = await Promise.all(crowd.map((stream) => stream.status));
		expect(ends.filter(({ code }) => code !== status.OK)).toEqual([]);
	});

	it("a stop ends those who wait", async () => {
		for (const socket of silent()) socket.resume();
		await waitUntil("some wait", () => lab.server.connections().waiting > 0, { interval: 0 });
		await lab.server.stop(1_000);
		expect(lab.server.connections().waiting).toBe(0);
		await waitUntil("all are closed", () => sockets.every(({ closed }) => closed));
	});
});
