import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, expect, it } from "vitest";
import { OwnDemand } from "../../../src/cache/zones/own-demand.js";

let demand: OwnDemand;

beforeEach(() => {
	demand = new OwnDemand();
});

/** @param names of services that another client asks for. @returns the version that says so. */
function change(clients: number, ...names: readonly string[]): number {
	for (const name of names) demand.note(name, [{ region: "eu", zone: "a", clients }]);
	demand.commit();
	return demand.changedSince(0).version;
}

/** From which version on it is told, and of which services. */
function told(version: number): readonly [since: number, names: readonly string[]] {
	const { since, services } = demand.changedSince(version);
	return [since, [...services].map(([name]) => name).toSorted()];
}

it("who knows one of the last 64 versions is told what has changed since, and who knows an older one everything", () => {
	const first = change(1, "web", "api");
	for (let i = 0; i < 64; i++) change(2 + i, "api");
	expect(told(first)).toEqual([first, ["api"]]);
	change(100, "api");
	expect(told(first)).toEqual([0, ["api", "web"]]);
	expect(told(first + 1)).toEqual([first + 1, ["api"]]);
});

it("what has changed is told of 20 000 services at most, and of more everything", () => {
	const first = change(1, "web");
	const half = (prefix: string) => Array.from({ length: 10_000 }, (_, i) => `${prefix}${i}`);
	change(1, ...half("a"));
	const second = change(1, ...half("b"));
	expect(demand.changedSince(first).since).toBe(first);
	const third = change(2, "web");
	expect([demand.changedSince(first).since, demand.changedSince(first + 1).since]).toEqual([0, first + 1]);
	expect([told(second), told(third)]).toEqual([
		[second, ["web"]],
		[third, []],
	]);
});

it("what is noted once more as it was is no other version", () => {
	const version = change(1, "web");
	expect([change(1, "web"), change(2, "web"), change(2, "web")]).toEqual([version, version + 1, version + 1]);
	demand.note("web", [{ region: "eu", zone: "b", clients: 2 }]);
	demand.commit();
	expect(told(version + 1)).toEqual([version + 1, ["web"]]);
});

it("who is told everything is told of no service that has no clients any more", () => {
	change(1, "web", "api");
	demand.note("web", []);
	demand.commit();
	expect(told(0)).toEqual([0, ["api"]]);
});

it("a version from before a restart is none of its own: everything is told", () => {
	const version = change(1, "web");
	expect([told(version), told(version + 1)]).toEqual([
		[version, []],
		[0, ["web"]],
	]);
});

it("who waits goes on with another version, with the end of its signal, and with the end of all; not before", async () => {
	const version = change(1, "web");
	const end = new AbortController();
	const done: string[] = [];
	const wait = async (name: string, than: number, signal = new AbortController().signal) => {
		await demand.changed(than, signal);
		done.push(name);
	};
	const [one, other] = [wait("one", version), wait("other", version, end.signal)];
	await turn();
	expect(done).toEqual([]);
	end.abort();
	await other;
	expect(done).toEqual(["other"]);
	change(2, "web");
	await one;
	await wait("late", version);
	const last = wait("last", version + 1);
	await turn();
	expect(done).toEqual(["other", "one", "late"]);
	demand.close();
	await last;
	await wait("closed", version + 1);
	await wait("ended", version + 1, end.signal);
	expect(done.slice(3)).toEqual(["last", "closed", "ended"]);
});
