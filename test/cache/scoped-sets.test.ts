import { beforeEach, describe, expect, it } from "vitest";
import { Cache } from "../../src/cache/cache.js";
import type { Scope } from "../../src/cache/scope.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { atOnce } from "../../src/util/steps.js";
import { at, serviceState } from "../catalog/fake-provider.js";

let services: Map<string, ServiceState>;
let cache: Cache;

beforeEach(() => {
	services = new Map();
	cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
	for (const name of ["a", "b", "c"]) services.set(name, serviceState(name, { endpoints: [at(1)] }));
});

function scope(...names: readonly string[]): Scope {
	return { key: names.join(), isEmpty: names.length === 0, tells: false, allows: (name) => names.includes(name) };
}

function change(name: string, state: ServiceState | undefined): void {
	if (state) services.set(name, state);
	else services.delete(name);
	cache.update([name], 0);
}

/** How many resources are held once nobody's sets are gone. */
function held(): number {
	cache.update([], 0);
	return cache.count("eds");
}

describe("a set of some names", () => {
	it("has the very resources of the whole set, as they change, of its names alone", () => {
		const some = cache.acquire("eds", "envoy", scope("a", "new"));
		const whole = cache.acquire("eds", "envoy");
		expect([[...some.names()], some.get("a") === whole.get("a"), cache.count("eds")]).toEqual([["a"], true, 3]);
		change("a", serviceState("a", { endpoints: [at(2)] }));
		change("b", serviceState("b", { endpoints: [at(2)] }));
		change("new", serviceState("new", { endpoints: [at(3)] }));
		expect([[...some.names()], some.get("a") === whole.get("a")]).toEqual([["a", "new"], true]);
		change("a", undefined);
		expect([[...some.names()], cache.count("eds")]).toEqual([["new"], 3]);
	});

	it("is one for all with the same names, and another for others", () => {
		const some = cache.acquire("eds", "envoy", scope("a"));
		expect(cache.acquire("eds", "envoy", scope("a"))).toBe(some);
		expect(cache.acquire("eds", "envoy", scope("a", "b"))).not.toBe(some);
		expect(cache.acquire("eds", "grpc", scope("a"))).not.toBe(some);
	});

	it("keeps the whole set as long as it is in use", () => {
		cache.acquire("eds", "envoy", scope("a"));
		cache.acquire("eds", "envoy", scope("a"));
		cache.acquire("eds", "envoy", scope("b"));
		cache.release("eds", "envoy", scope("a"));
		cache.release("eds", "envoy", scope("b"));
		expect(held()).toBe(3);
		cache.release("eds", "envoy", scope("a"));
		expect(held()).toBe(0);
	});

	it("keeps the whole set once, though two made it at the same time", () => {
		const [one, other] = [0, 0].map(() => cache.acquireInSteps("eds", "envoy", scope("a")));
		one?.next();
		other?.next();
		const sets = [one, other].map((steps) => steps && atOnce(steps));
		expect(sets[0]).toBe(sets[1]);
		for (const _ of sets) cache.release("eds", "envoy", scope("a"));
		expect(held()).toBe(0);
	});

	it("that could not be filled is made anew for the next, and lets the whole set go", () => {
		const failing = {
			...scope("a"),
			allows: () => {
				throw new Error("no rules");
			},
		};
		expect(() => cache.acquire("eds", "envoy", failing)).toThrow("no rules");
		expect([...cache.acquire("eds", "envoy", scope("a")).names()]).toEqual(["a"]);
		cache.release("eds", "envoy", scope("a"));
		expect(held()).toBe(0);
	});
});
