import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Changes } from "../../../src/catalog/changes/changes.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { serviceState } from "../fake-provider.js";

/** Changes of services that are what the map says; each takes a while to find out, in milliseconds. */
function changesOf(services: ReadonlyMap<string, ServiceState>, ms = 0): Changes {
	return new Changes(function* (name) {
		yield;
		const end = performance.now() + ms;
		while (performance.now() < end);
		return services.get(name);
	});
}

function many(count: number): Map<string, ServiceState> {
	return new Map(Array.from({ length: count }, (_, i) => [`s${i}`, serviceState(`s${i}`)]));
}

async function until(what: () => boolean): Promise<number> {
	let turns = 0;
	for (; !what(); turns++) await turn();
	return turns;
}

it("tells many that change at once in parts, and which one is the last", () => {
	const services = many(130);
	const changes = changesOf(services);
	const parts: [number, boolean][] = [];
	changes.listen((part, _, more) => void parts.push([part.length, more]));
	for (const name of services.keys()) changes.mark(name);
	changes.flush();
	expect(parts).toEqual([
		[64, true],
		[64, true],
		[2, false],
	]);
	expect([...changes.states.keys()]).toEqual([...services.keys()]);
});

it("says that there is no more even if nothing is left to tell", () => {
	const services = many(64);
	const changes = changesOf(services);
	const parts: [number, boolean][] = [];
	changes.listen((part, _, more) => void parts.push([part.length, more]));
	for (const name of [...services.keys(), "never there"]) changes.mark(name);
	changes.flush();
	expect(parts).toEqual([
		[64, true],
		[0, false],
	]);
});

it("tells what is gathered over some turns together, with the last one that gathers", async () => {
	const services = many(3);
	const changes = changesOf(services);
	const parts: string[][] = [];
	changes.listen((part) => void parts.push(part.map(({ name }) => name)));
	const [one, other] = [changes.gather(), changes.gather()];
	for (const name of ["s0", "s1"]) {
		changes.mark(name);
		await turn();
	}
	one();
	changes.mark("s2");
	await turn();
	await turn();
	expect(parts).toEqual([]);
	other();
	await until(() => parts.length > 0);
	expect(parts).toEqual([["s0", "s1", "s2"]]);
	const last = changes.gather();
	changes.mark("s0");
	services.delete("s0");
	last();
	await until(() => parts.length > 1);
	expect(parts.slice(1)).toEqual([["s0"]]);
});

it("lets the event loop go in between", async () => {
	const services = many(40);
	const changes = changesOf(services, 1);
	let told = 0;
	changes.listen((part) => {
		told += part.length;
	});
	for (const name of services.keys()) changes.mark(name);
	expect(await until(() => told === 40)).toBeGreaterThan(2);
});

it("lets the event loop go while a listener works in steps, and tells the newest state afterwards", async () => {
	const services = many(1);
	const changes = changesOf(services);
	const told: (ServiceState | undefined)[] = [];
	changes.listen(function* (part) {
		for (let i = 0; i < 10; i++) {
			yield;
			const end = performance.now() + 1;
			while (performance.now() < end);
		}
		told.push(...part.map(({ current }) => current));
	});
	const first = services.get("s0");
	changes.mark("s0");
	await turn();
	expect(told).toEqual([]);
	const second = serviceState("s0", { overdue: true });
	services.set("s0", second);
	changes.mark("s0");
	await until(() => told.length === 2);
	expect(told).toEqual([first, second]);
});

it("ends what is being told when all is to be told at once", async () => {
	const services = many(40);
	const changes = changesOf(services, 1);
	const told: string[] = [];
	changes.listen((part) => void told.push(...part.map(({ name }) => name)));
	for (const name of services.keys()) changes.mark(name);
	await turn();
	changes.mark("s0");
	services.set("s0", serviceState("s0", { overdue: true }));
	changes.flush();
	expect(new Set(told)).toEqual(new Set(services.keys()));
	expect(changes.states.get("s0")).toBe(services.get("s0"));
});

it("tells the rest after a listener has failed, and that no more follows", () => {
	const services = many(130);
	const changes = changesOf(services);
	const told = new Set<string>();
	const last: boolean[] = [];
	let fails = 1;
	changes.listen((part, _, more) => {
		last.push(more);
		if (fails-- > 0) throw new Error("no");
		for (const { name } of part) told.add(name);
	});
	for (const name of services.keys()) changes.mark(name);
	expect(() => changes.flush()).toThrow("no");
	expect(last).toEqual([true, false]);
	changes.flush();
	expect(told.size).toBe(130 - 64);
	expect(last.at(-1)).toBe(false);
});

it("tells nothing more once it was stopped", async () => {
	const services = many(40);
	const changes = changesOf(services, 1);
	let told = 0;
	changes.listen((part) => {
		told += part.length;
	});
	for (const name of services.keys()) changes.mark(name);
	await turn();
	changes.stop();
	for (let i = 0; i < 60; i++) await turn();
	expect(told).toBe(0);
});

it("tells nothing of what is as it was, nor to who has ended it", () => {
	const services = many(2);
	const changes = changesOf(services);
	const told: string[] = [];
	const end = changes.listen((part) => void told.push(...part.map(({ name }) => name)));
	for (const name of services.keys()) changes.mark(name);
	changes.flush();
	changes.mark("s0");
	changes.mark("never there");
	changes.flush();
	expect(told).toEqual(["s0", "s1"]);
	end();
	services.set("s0", serviceState("s0", { overdue: true }));
	changes.mark("s0");
	changes.flush();
	expect(told).toEqual(["s0", "s1"]);
	expect(changes.states.get("s0")).toBe(services.get("s0"));
});

it("tells what was and what is, and has no state of what is gone", () => {
	const services = many(1);
	const changes = changesOf(services);
	const told: unknown[] = [];
	changes.listen((part) => void told.push(...part));
	const state = services.get("s0");
	changes.mark("s0");
	changes.flush();
	services.delete("s0");
	changes.mark("s0");
	changes.flush();
	expect(told).toEqual([
		{ name: "s0", previous: undefined, current: state },
		{ name: "s0", previous: state, current: undefined },
	]);
	expect(changes.states.size).toBe(0);
});

it("tells since when something has changed: the first of what is told together", () => {
	const services = many(2);
	const changes = changesOf(services);
	const times: number[] = [];
	changes.listen((_, at) => void times.push(at));
	const before = performance.now();
	changes.mark("s0");
	const between = performance.now();
	while (performance.now() <= between);
	changes.mark("s1");
	changes.flush();
	expect(times).toHaveLength(1);
	expect(times[0]).toBeGreaterThanOrEqual(before);
	expect(times[0]).toBeLessThanOrEqual(between);
	const later = performance.now();
	services.delete("s0");
	changes.mark("s0");
	changes.flush();
	expect(times[1]).toBeGreaterThanOrEqual(later);
});

it("does not tell anything within what is being told, but afterwards", () => {
	const services = many(2);
	const changes = changesOf(services);
	const told: string[] = [];
	changes.listen((part) => {
		for (const { name } of part) told.push(`begin ${name}`);
		if (told.length === 1) changes.mark("s1");
		changes.flush();
		for (const { name } of part) told.push(`end ${name}`);
	});
	changes.mark("s0");
	changes.flush();
	expect(told).toEqual(["begin s0", "end s0", "begin s1", "end s1"]);
});
