import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DiscoveredServices } from "../../../src/catalog/discover/discovered-services.js";
import type { DiscoverEntry } from "../../../src/model/service.js";
import { parseTarget } from "../../../src/model/target.js";
import { type CatalogLab, useCatalogLab } from "../catalog-lab.js";
import { FakeProvider, service } from "../fake-provider.js";

const ALL = "fake:///*";
const MORE = "fake:///more/*";
const SETTINGS = { protocol: "http1", connectTimeout: 5_000 } as const;

let lab: CatalogLab;
let found: DiscoveredServices;

useCatalogLab((each) => {
	lab = each;
});

beforeEach(() => {
	found = new DiscoveredServices(lab.provider.registry, lab.catalog, () => 10_000);
});

afterEach(() => {
	lab.catalog.stop();
	found.stop();
	for (const watches of lab.provider.registries.values())
		for (const { signal } of watches) expect(signal.aborted).toBe(true);
});

function entry(target: string, parts: Partial<DiscoverEntry> = {}): DiscoverEntry {
	return { target: parseTarget(target), name: "{service}", settings: SETTINGS, ...parts };
}

const names = () => {
	lab.catalog.flush();
	return [...lab.catalog.names()].sort();
};

/** All turns of the loop that are due. */
const turns = () => vi.advanceTimersByTime(1);

describe("the services of a registry", () => {
	it("become services with the keys of the entry and the endpoints of their targets", () => {
		found.apply([entry(ALL, { settings: { protocol: "grpc", connectTimeout: 1_000 } })]);
		lab.provider.list(ALL, "web", "cart");
		lab.provider.answer("fake:///web", 1, 2);
		expect(lab.seen("web")).toBe("synced 1 2");
		expect(lab.seen("cart")).toBe("unknown");
		expect(lab.catalog.get("cart")?.definition).toMatchObject({ protocol: "grpc", connectTimeout: 1_000 });
		expect(found.states()).toMatchObject([{ state: "synced", found: 2, served: 2, notes: [] }]);
	});

	it("are watched on where others come, however many there are", () => {
		const many = Array.from({ length: 120 }, (_, i) => `s${i}`);
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, ...many);
		lab.provider.list(ALL, ...many, "more");
		expect(names()).toHaveLength(121);
		expect(many.filter((name) => lab.provider.started(`fake:///${name}`) !== 1)).toEqual([]);
	});

	it("come and go, and what stays is not touched", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.provider.answer("fake:///web", 1);
		expect(lab.seen("web")).toBe("synced 1");
		lab.provider.list(ALL, "web", "cart");
		expect(names()).toEqual(["cart", "web"]);
		expect(lab.provider.started("fake:///web")).toBe(1);
		lab.provider.list(ALL, "cart");
		expect(lab.seen("web")).toBe("removing 1");
		vi.advanceTimersByTime(30_000);
		expect(names()).toEqual(["cart"]);
	});

	it("are back at once if they come back within the grace", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.provider.answer("fake:///web", 1);
		lab.provider.list(ALL);
		expect(lab.seen("web")).toBe("removing 1");
		lab.provider.list(ALL, "web");
		expect(lab.seen("web")).toBe("stale 1");
		lab.provider.answer("fake:///web", 2);
		expect(lab.seen("web")).toBe("synced 2");
	});

	it("stay while the registry fails, whatever it said before", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.provider.answer("fake:///web", 1);
		lab.provider.failList(ALL, "gone fishing");
		vi.advanceTimersByTime(3_600_000);
		expect(lab.seen("web")).toBe("synced 1");
		expect(found.states()).toMatchObject([{ state: "stale", lastError: { message: "gone fishing" }, served: 1 }]);
		lab.provider.list(ALL, "web");
		expect(found.states()).toMatchObject([{ state: "synced" }]);
	});

	it("are made a few at a time where they are many", () => {
		found.apply([entry(ALL)]);
		const all = Array.from({ length: 5_000 }, (_, n) => `s-${n}`);
		// The clock stands still with fake timers: this is the longest slice.
		const clock = vi.spyOn(performance, "now");
		let now = 0;
		clock.mockImplementation(() => (now += 1));
		lab.provider.list(ALL, ...all);
		expect(found.openness).toBe("open");
		// 50 after each look at the clock, for 10 ms; the catalog has looked at it once.
		expect(names()).toHaveLength(9 * 50);
		const told: string[] = [];
		found.onChange(() => told.push(found.openness));
		for (let i = 0; i < 100 && found.openness === "open"; i++) turns();
		clock.mockRestore();
		expect([found.openness, told.at(-1)]).toEqual(["closed", "closed"]);
		expect(names()).toHaveLength(5_000);
	});

	it("are made no more once the entry has gone", () => {
		found.apply([entry(ALL)]);
		const clock = vi.spyOn(performance, "now");
		let now = 0;
		clock.mockImplementation(() => (now += 1));
		// The second list comes while those of the first are still made.
		for (let i = 0; i < 2; i++) lab.provider.list(ALL, ...Array.from({ length: 1_000 }, (_, n) => `s-${n}`));
		clock.mockRestore();
		expect(names().length).toBeGreaterThan(0);
		found.apply([]);
		const seen = names().length;
		turns();
		expect(names()).toHaveLength(seen);
		vi.advanceTimersByTime(30_000);
		expect(names()).toEqual([]);
	});
});

describe("a name", () => {
	it("is made by the template of the entry", () => {
		found.apply([entry(ALL, { name: "{service}.{namespace}.{datacenter}:{port}" })]);
		const target = "fake:///web";
		lab.provider.list(ALL, { service: "web", target, namespace: "shop", port: "http", datacenter: "dc1" });
		expect(names()).toEqual(["web.shop.dc1:http"]);
	});

	it("that cannot be is a note, and the rest is served", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, { service: "my web", target: "fake:///web" }, { service: "a", target: "nowhere" }, "cart");
		expect(names()).toEqual(["cart"]);
		expect(found.states()).toMatchObject([
			{
				found: 3,
				served: 1,
				notes: [
					'fake:///web is not served: it would be called "my web": a service name has only letters, digits and . _ - : /',
					'nowhere is not served: "nowhere" is not a target; expected scheme://… or host:port',
				],
			},
		]);
	});

	it("is served with no target that its provider cannot serve", () => {
		Object.assign(lab.provider, {
			check: ({ text }: { readonly text: string }) => (text === "fake:///b" ? "b is none" : undefined),
		});
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "a", "b");
		expect(names()).toEqual(["a"]);
		const [state] = found.states();
		expect([state?.leftOut, state?.notes]).toEqual([
			{ taken: 0, invalid: 1 },
			[expect.stringMatching(/^fake:\/\/\/b is not served: .*b is none/)],
		]);
	});

	it.each([
		{ wrong: 50, more: [] },
		{ wrong: 52, more: ["2 more services are not served"] },
	])("that cannot be is counted where it is one of very many: $wrong", ({ wrong, more }) => {
		found.apply([entry(ALL)]);
		const services = Array.from({ length: wrong }, (_, n) => ({ service: `my web ${n}`, target: `fake:///${n}` }));
		lab.provider.list(ALL, ...services);
		const [state] = found.states();
		expect([state?.found, state?.served, state?.notes.length]).toEqual([wrong, 0, 50 + more.length]);
		expect(state?.notes.slice(50)).toEqual(more);
	});

	it("that a service of the config has is that service's", () => {
		lab.apply(service("web", ["fake:///written"]));
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web", "cart");
		expect(lab.provider.started("fake:///web")).toBe(0);
		expect(found.states()[0]).toMatchObject({
			served: 1,
			notes: ['fake:///web is not served: the name "web" is that of a service written in the config'],
		});
		lab.provider.answer("fake:///written", 1);
		expect(lab.seen("web")).toBe("synced 1");
		// When that goes, the registry's takes over: what was served stays until it answers.
		lab.apply();
		expect(lab.seen("web")).toBe("stale 1");
		lab.provider.answer("fake:///web", 2);
		expect(lab.seen("web")).toBe("synced 2");
		expect(found.states()).toMatchObject([{ served: 2, notes: [] }]);
	});

	it("that the program has set is the program's", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.catalog.set(service("web", ["fake:///own"]));
		lab.provider.answer("fake:///own", 7);
		expect(lab.seen("web")).toBe("synced 7");
		expect(found.states()[0]?.notes).toEqual([
			'fake:///web is not served: the name "web" is that of a service which the program has set',
		]);
		lab.catalog.unset("web");
		lab.provider.answer("fake:///web", 1);
		expect(lab.seen("web")).toBe("synced 1");
	});

	it("that several have is the first entry's, and there the first in order", () => {
		found.apply([entry(ALL), entry(MORE)]);
		lab.provider.list(MORE, { service: "web", target: "fake:///more" });
		lab.provider.list(
			ALL,
			{ service: "web", namespace: "b", target: "fake:///b" },
			{ service: "web", namespace: "a", target: "fake:///a" },
		);
		lab.provider.answer("fake:///a", 1);
		expect(lab.seen("web")).toBe("synced 1");
		expect(found.states().map(({ notes }) => notes)).toEqual([
			['fake:///b is not served: the name "web" is that of fake:///a'],
			['fake:///more is not served: the name "web" is that of fake:///a'],
		]);
		// The others are there when the first one goes.
		lab.provider.list(ALL);
		lab.provider.answer("fake:///more", 3);
		expect(lab.seen("web")).toBe("synced 3");
		// And the other way round when the entries are.
		lab.provider.list(ALL, { service: "web", target: "fake:///a" });
		found.apply([entry(MORE), entry(ALL)]);
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.definition.targets[0]?.target.text).toBe("fake:///more");
	});
});

describe("a reload", () => {
	it("leaves an entry that stays alone, and takes over its new keys", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.provider.answer("fake:///web", 1);
		found.apply([entry(ALL, { settings: { ...SETTINGS, protocol: "grpc" } })]);
		expect(lab.seen("web")).toBe("synced 1");
		expect(lab.catalog.get("web")?.definition.protocol).toBe("grpc");
		expect(lab.provider.registries.get(ALL)).toHaveLength(1);
		expect(lab.provider.started("fake:///web")).toBe(1);
		found.apply([entry(ALL, { name: "{service}.prod" })]);
		expect(lab.seen("web")).toBe("removing 1");
		expect(names()).toEqual(["web", "web.prod"]);
	});

	it("leaves all entries alone that stay, and those after them", () => {
		found.apply([entry(ALL), entry(MORE)]);
		lab.provider.list(MORE, "cart");
		found.apply([entry(ALL, { settings: { ...SETTINGS, protocol: "grpc" } }), entry(MORE)]);
		expect([ALL, MORE].map((text) => lab.provider.registries.get(text)?.length)).toEqual([1, 1]);
		expect(found.states()).toMatchObject([{ target: ALL }, { target: MORE, found: 1 }]);
	});

	it("without an entry removes its services after the grace", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.provider.answer("fake:///web", 1);
		found.apply([]);
		expect(lab.seen("web")).toBe("removing 1");
		expect(lab.provider.registries.get(ALL)?.[0]?.signal.aborted).toBe(true);
	});

	it("to another registry watches that one, and no longer the one before", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		found.apply([entry(MORE)]);
		const watches = [ALL, MORE].map((text) => lab.provider.registries.get(text)?.map(({ signal }) => signal.aborted));
		expect(watches).toEqual([[true], [false]]);
		lab.provider.list(MORE, "cart");
		expect(found.states()).toMatchObject([{ target: MORE, found: 1 }]);
	});

	it("to another entry with the same services keeps them", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.provider.answer("fake:///web", 1);
		found.apply([entry(ALL), entry(MORE)]);
		lab.provider.list(MORE, "web");
		found.apply([entry(MORE)]);
		expect(lab.seen("web")).toBe("synced 1");
		expect(lab.provider.started("fake:///web")).toBe(1);
	});

	it("to another provider keeps the services until that has answered", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		lab.provider.answer("fake:///web", 1);
		const other = new FakeProvider();
		lab.provider.registry.register("fake", other);
		lab.catalog.rewatch(new Set(["fake"]));
		found.rewatch(new Set(["fake"]));
		expect(lab.seen("web")).toBe("synced 1");
		expect(found.openness).toBe("closed");
		other.list(ALL);
		expect(lab.seen("web")).toBe("removing 1");
		for (const watches of other.registries.values()) expect(watches).toHaveLength(1);
	});

	it("are not asked for again where the provider of another scheme is another one", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		found.rewatch(new Set(["other"]));
		expect(lab.provider.registries.get(ALL)).toHaveLength(1);
		found.rewatch(new Set(["other", "fake"]));
		expect(lab.provider.registries.get(ALL)).toHaveLength(2);
	});
});

describe("what nobody knows of yet", () => {
	it("is told as long as a registry has not answered, and when that is overdue", () => {
		expect(found.openness).toBe("closed");
		const seen: string[] = [];
		found.onChange(() => seen.push(found.openness));
		found.apply([entry(ALL), entry(MORE)]);
		lab.provider.list(ALL);
		expect(found.openness).toBe("open");
		lab.provider.failList(MORE);
		expect(found.openness).toBe("open");
		vi.advanceTimersByTime(10_000);
		expect([found.openness, seen.at(-1)]).toEqual(["overdue", "overdue"]);
		lab.provider.list(MORE, "web");
		expect(found.openness).toBe("closed");
		expect(seen.at(-1)).toBe("closed");
		lab.provider.failList(MORE);
		expect(found.openness).toBe("closed");
	});

	it("is overdue once it is so for all that have not answered", () => {
		found.apply([entry(ALL)]);
		vi.advanceTimersByTime(5_000);
		found.apply([entry(ALL), entry(MORE)]);
		expect([found.openness, found.awaitsAnswer]).toEqual(["open", true]);
		vi.advanceTimersByTime(5_000);
		expect([found.openness, found.awaitsAnswer]).toEqual(["open", true]);
		vi.advanceTimersByTime(5_000);
		expect([found.openness, found.awaitsAnswer]).toEqual(["overdue", false]);
	});

	it("is no more when the entry goes", () => {
		found.apply([entry(ALL)]);
		found.apply([]);
		expect(found.openness).toBe("closed");
	});
});

describe("an entry", () => {
	it("is asked again by its target, and no other is", () => {
		const hinted: string[] = [];
		lab.provider.refresh = ({ text }) => void hinted.push(text);
		found.apply([entry(ALL), entry(MORE)]);
		expect([found.refresh(MORE), found.refresh("fake:///web")]).toEqual([true, false]);
		expect(hinted).toEqual([MORE]);
	});

	it("may be one whose provider cannot be asked again", () => {
		found.apply([entry(ALL)]);
		expect(found.refresh(ALL)).toBe(true);
	});

	it("has a status as its state has, until all has ended", () => {
		found.apply([entry(ALL), entry(MORE)]);
		lab.provider.list(ALL);
		expect(found.statuses().map(({ state }) => state)).toEqual(["synced", "connecting"]);
		found.stop();
		expect([found.statuses(), found.states()]).toEqual([[], []]);
	});

	it("is not told of where the registry only has other services", () => {
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, "web");
		let told = 0;
		found.onChange(() => told++);
		lab.provider.list(ALL, "web", "cart");
		expect([names(), told]).toEqual([["cart", "web"], 0]);
	});

	it("tells nobody who has left", () => {
		let told = 0;
		const off = found.onChange(() => told++);
		found.apply([entry(ALL)]);
		const before = told;
		off();
		lab.provider.list(ALL, "web");
		expect([before, told]).toEqual([1, 1]);
	});
});

describe("settled()", () => {
	/** Whether it has resolved, after what is due. */
	function wait(limit: number, signal = new AbortController().signal): () => Promise<boolean> {
		let isOver = false;
		void found.settled(limit, signal).then(() => {
			isOver = true;
		});
		return async () => {
			for (let i = 0; i < 5; i++) await Promise.resolve();
			return isOver;
		};
	}

	it("resolves at once where nothing is waited for", async () => {
		expect(await wait(1_000)()).toBe(true);
		found.apply([entry(ALL)]);
		lab.provider.list(ALL);
		expect(await wait(1_000)()).toBe(true);
		found.apply([entry(ALL), entry(MORE)]);
		expect(await wait(1_000, AbortSignal.abort())()).toBe(true);
		expect(vi.getTimerCount()).toBe(1);
	});

	it("resolves once each registry has answered or failed", async () => {
		found.apply([entry(ALL), entry(MORE)]);
		const { signal } = new AbortController();
		const isOver = wait(100_000, signal);
		lab.provider.list(ALL);
		expect(await isOver()).toBe(false);
		lab.provider.failList(MORE);
		expect(await isOver()).toBe(true);
		// What is left is the sync deadline of the one that has failed.
		expect([vi.getTimerCount(), getEventListeners(signal, "abort")]).toEqual([1, []]);
	});

	it("resolves at its limit, and at its signal", async () => {
		found.apply([entry(ALL)]);
		const end = new AbortController();
		const [late, ended] = [wait(1_000), wait(100_000, end.signal)];
		vi.advanceTimersByTime(999);
		expect(await late()).toBe(false);
		vi.advanceTimersByTime(1);
		expect([await late(), await ended()]).toEqual([true, false]);
		end.abort();
		expect(await ended()).toBe(true);
		expect(vi.getTimerCount()).toBe(1);
	});
});

describe("what a provider does wrong", () => {
	it("is a failure or a note of its entry", () => {
		found.apply([entry(ALL)]);
		const observer = lab.provider.observerOf(ALL);
		observer.services("web" as never);
		expect(found.states()).toMatchObject([
			{ state: "failed", lastError: { message: "the provider gave no list of services" } },
		]);
		observer.services([null, { service: 1 }, { service: "web", target: "fake:///web" }] as never);
		expect(names()).toEqual(["web"]);
		expect(found.states()).toMatchObject([
			{ state: "synced", notes: ["2 left out that have no text as service and target, such as null"] },
		]);
		observer.failed("text" as never);
		expect(found.states()).toMatchObject([{ state: "stale", lastError: { message: "text" } }]);
	});

	it("is a failure where it throws, has no registries, or gives too many services", () => {
		lab.provider.watchAll = () => {
			throw new Error("broken");
		};
		found.apply([entry(ALL), entry("static:///*")]);
		expect(found.states()).toMatchObject([
			{ state: "failed", lastError: { message: "broken" } },
			{ state: "failed", lastError: { message: 'no provider of "static" finds whole registries' } },
		]);
	});

	it("after the end is not heard", () => {
		found.apply([entry(ALL)]);
		const observer = lab.provider.observerOf(ALL);
		found.apply([]);
		observer.services([{ service: "web", target: "fake:///web" }]);
		observer.failed(new Error("late") as never);
		expect(names()).toEqual([]);
	});
});

describe("a registry that would lose most of its services at once", () => {
	const SERVICES = ["a", "b", "c", "d", "e", "f"];

	function begin(): void {
		lab.catalog.setTimes({ removalGrace: 0, syncDeadline: 10_000, guard: {} });
		found.apply([entry(ALL)]);
		lab.provider.list(ALL, ...SERVICES);
		for (const name of SERVICES) lab.provider.answer(`fake:///${name}`, 1);
		lab.catalog.flush();
		vi.advanceTimersByTime(60_000);
	}

	it("keeps them until it has said the same for a minute; half of them may go", () => {
		begin();
		lab.provider.list(ALL, "a", "b", "c");
		turns();
		expect(names()).toEqual(["a", "b", "c"]);
		lab.provider.list(ALL, ...SERVICES);
		vi.advanceTimersByTime(60_000);
		lab.provider.list(ALL, "a", "b", "x");
		turns();
		expect(names()).toEqual([...SERVICES, "x"]);
		expect(found.states()[0]?.notes[0]).toContain("4 services are held");
		expect(found.states()).toMatchObject([{ found: 7, heldServices: 4 }]);
		vi.advanceTimersByTime(59_000);
		expect(names()).toEqual([...SERVICES, "x"]);
		vi.advanceTimersByTime(1_001);
		expect(names()).toEqual(["a", "b", "x"]);
	});

	it("brings back what went within the 5 s before, and lets go what it has again or is approved", () => {
		begin();
		lab.provider.list(ALL, "a", "b", "c", "d");
		turns();
		expect(names()).toEqual(["a", "b", "c", "d"]);
		vi.advanceTimersByTime(2_000);
		lab.provider.list(ALL, "a");
		turns();
		expect(names()).toEqual(SERVICES);
		expect([found.approve("f"), found.approve("f"), found.approve("a")]).toEqual([true, false, false]);
		turns();
		expect(names()).toEqual(["a", "b", "c", "d", "e"]);
		lab.provider.list(ALL, "a", "b", "c");
		turns();
		expect(names()).toEqual(["a", "b", "c"]);
	});

	it("believes it at once where the guard is off", () => {
		begin();
		lab.catalog.setTimes({ removalGrace: 0, syncDeadline: 10_000, guard: "off" });
		lab.provider.list(ALL);
		turns();
		expect(names()).toEqual([]);
	});
});
