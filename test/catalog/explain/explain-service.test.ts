import { beforeEach, describe, expect, it, vi } from "vitest";
import { droppedOf, rulesOf } from "../../../src/catalog/explain/explain-service.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { addressOf } from "../../../src/model/endpoint.js";
import { A, B, type CatalogLab, useCatalogLab } from "../catalog-lab.js";
import { at, service } from "../fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

const TIMES = { removalGrace: 30_000, syncDeadline: 10_000 };

function state(): ServiceState {
	lab.catalog.flush();
	const found = lab.catalog.get("web");
	if (!found) throw new Error("there is none");
	return { ...found, targets: lab.catalog.targetsOf("web") };
}

/** Endpoints of the target A; the fake provider gives none an origin. */
const from = (target: string, n: number) => at(n, { origin: { target, object: `object-${n}` } });

function rules(): Record<string, string | undefined> {
	const now = state();
	const ruleOf = rulesOf(now);
	return Object.fromEntries(now.endpoints.map((e) => [e.address, ruleOf(e)]));
}

describe("which rule made an endpoint what it is", () => {
	beforeEach(() => lab.catalog.setTimes({ ...TIMES, guard: {} }));

	it("is none where it is as its source says", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 1), 2);
		expect(rules()).toEqual({ "10.0.0.1": undefined, "10.0.0.2": undefined });
		expect(droppedOf(state())).toEqual([]);
	});

	it("is the guard for what it holds, and for that alone", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 1), from(A, 2), from(A, 3));
		lab.seen();
		vi.advanceTimersByTime(60_000);
		lab.provider.answer(A);
		const found = rules();
		expect(found["10.0.0.1"]).toMatch(
			/^held: the source does not have it any more \(3 of 3 would have gone at once\), until /,
		);
	});

	it("is onFailure for what it degrades; what it drops is dropped with the reason", () => {
		lab.apply(service("web", [A, B], { onFailure: { keep: 10_000, after: "drop" } }));
		lab.provider.answer(A, from(A, 1));
		lab.provider.answer(B, from(B, 2));
		lab.provider.fail(A);
		expect(rules()["10.0.0.1"]).toMatch(/^kept: the source has not answered since /);
		vi.advanceTimersByTime(10_000);
		expect(rules()).toEqual({ "10.0.0.2": undefined });
		expect(droppedOf(state())).toEqual([
			{ address: "10.0.0.1:80", object: "object-1", target: A, reason: expect.stringMatching(/^onFailure: /) },
		]);
		lab.apply(service("web", [A, B], { onFailure: { keep: 1, after: "degrade" } }));
		expect(rules()["10.0.0.1"]).toMatch(/^degraded by onFailure: /);
	});

	it("is what the config says of the target; duplicates are dropped", () => {
		const definition = service("web", [A, B]);
		const [first, second] = definition.targets;
		if (!first || !second) throw new Error("two targets");
		lab.apply({
			...definition,
			targets: [
				{ ...first, health: "draining", metadata: { a: "b" } },
				{ ...second, priority: 3 },
			],
		});
		lab.provider.answer(A, from(A, 1));
		lab.provider.answer(B, from(B, 1), from(B, 2));
		expect(rules()).toEqual({
			"10.0.0.1": "health, metadata as the config says of the target",
			"10.0.0.2": "priority 3 -> 1: gaps are closed",
		});
		expect(droppedOf(state())).toEqual([
			{ address: "10.0.0.1:80", object: undefined, target: B, reason: `it is a duplicate: already given by ${A}` },
		]);
	});
});

describe("which rule keeps an endpoint", () => {
	const START = "2026-01-01T00:00:00.000Z";
	beforeEach(() => {
		vi.setSystemTime(START);
		lab.catalog.setTimes({ ...TIMES, guard: {} });
	});

	it("is the guard: of what it holds, until when, or when the source last said something", () => {
		lab.apply(service("web", [A, B]));
		lab.provider.answer(B, from(B, 9));
		lab.provider.answer(A, ...[1, 2, 3, 4, 5, 6].map((n) => from(A, n)));
		lab.seen();
		vi.setSystemTime("2026-01-01T00:01:00.000Z");
		vi.advanceTimersByTime(10_000);
		lab.provider.answer(A, from(A, 7));
		const held = "held: the source does not have it any more (6 of 6 would have gone at once)";
		const all = (rule: string) => Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`10.0.0.${n}`, rule]));
		expect(rules()).toEqual({
			...all(`${held}, until 2026-01-01T00:02:10.000Z`),
			...{ "10.0.0.7": undefined, "10.0.0.9": undefined },
		});
		lab.provider.fail(A);
		const kept = "kept: the source has not answered since 2026-01-01T00:01:10.000Z";
		expect(rules()).toEqual({
			...all(`${held}; it last answered at 2026-01-01T00:01:10.000Z; ${kept}`),
			...{ "10.0.0.7": kept, "10.0.0.9": undefined },
		});
	});

	it("is the removal grace, for all of a service that is removed", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 1), 2);
		lab.apply();
		const removed = "kept for removalGrace: the service is removed";
		expect(rules()).toEqual({ "10.0.0.1": removed, "10.0.0.2": removed });
	});

	it("is that a target was replaced, until the new one has answered", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 1), 2);
		lab.apply(service("web", [B]));
		expect(rules()).toEqual({
			"10.0.0.1": "kept: its target was replaced, and another one has not answered yet",
			"10.0.0.2": undefined,
		});
	});

	it("is that it was there before the start, until its source has answered", () => {
		const known = { target: A, endpoints: [from(A, 1)], whole: true, lastSuccess: new Date("2025-12-31T23:00:00Z") };
		lab.catalog.restore([{ name: "web", definition: service("web", [A]), targets: [known] }]);
		lab.apply(service("web", [A]));
		const since = "2025-12-31T23:00:00.000Z";
		expect(rules()).toEqual({ "10.0.0.1": `kept from before the start: the source has not answered since ${since}` });
		lab.apply(service("web", [A], { onFailure: { keep: 60_000, after: "degrade" } }));
		expect(rules()).toEqual({ "10.0.0.1": `degraded by onFailure: the source has not answered since ${since}` });
	});

	it("is no gap of priorities where there is none, whatever else was mended", () => {
		lab.apply(service("web", [A, `${B} 1`]));
		lab.provider.answer(A, from(A, 1));
		lab.provider.answer(B, from(B, 1), from(B, 2));
		expect(rules()).toEqual({ "10.0.0.1": undefined, "10.0.0.2": undefined });
		lab.apply(service("web", [`${A} 1`, `${B} 3`]));
		expect(rules()).toEqual({
			"10.0.0.1": "priority 1 -> 0: gaps are closed",
			"10.0.0.2": "priority 3 -> 1: gaps are closed",
		});
	});

	it("is all that the config says of the target", () => {
		const definition = service("web", [A]);
		const said = { locality: { region: "eu", zone: "", subZone: "" }, weight: 3 };
		lab.apply({ ...definition, targets: definition.targets.map((each) => ({ ...each, ...said })) });
		lab.provider.answer(A, from(A, 1), 2);
		expect(rules()).toEqual({
			"10.0.0.1": "locality, weight as the config says of the target",
			"10.0.0.2": undefined,
		});
	});
});

describe("what is dropped", () => {
	it("is what notes say was left out, of the target that they name", () => {
		const targets = [A, B].map((target) => ({ target, state: "synced", changes: 0 }) as const);
		const dropped = (...notes: string[]) =>
			droppedOf({ targets, notes } as unknown as ServiceState).map(({ address, target }) => [address, target]);
		expect(dropped("10.0.0.1:80 (web-1) is left out: it is not ready")).toEqual([["10.0.0.1:80", undefined]]);
		expect(dropped(`duplicate endpoint 10.0.0.1:80 in ${B} left out`, "a note of something else")).toEqual([
			["10.0.0.1:80", B],
		]);
		expect(dropped(`${B} has not answered since X: its endpoints are left out, as onFailure says`)).toEqual([]);
	});
});

describe("a service that is pinned", () => {
	const pin = (minutes: number) => ({
		endpoints: [from(A, 1), from(A, 2)],
		version: "before",
		since: new Date(),
		until: new Date(Date.now() + minutes * 60_000),
	});

	it("is what it was, whatever its sources say, until the time is over", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 3));
		expect(lab.seen()).toBe("synced 3");
		expect(lab.catalog.pin("web", pin(30))).toBe(false);
		expect(lab.seen()).toBe("synced 1 2");
		lab.provider.answer(A, from(A, 4));
		expect(lab.seen()).toBe("synced 1 2");
		expect(state().notes[0]).toMatch(/^pinned to version before \(2 endpoints\)/);
		expect(rules()["10.0.0.1"]).toMatch(/^pinned to version before until /);
		vi.advanceTimersByTime(30 * 60_000 - 1);
		expect(lab.seen()).toBe("synced 1 2");
		vi.advanceTimersByTime(1);
		expect(lab.seen()).toBe("synced 4");
		expect(state().pin).toBeUndefined();
	});

	it("is so while it is there: one that is being removed is left as it is", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 3));
		lab.seen();
		lab.apply();
		expect([lab.catalog.pin("web", pin(30)), lab.seen()]).toEqual([undefined, "removing 3"]);
		lab.apply(service("web", [A]));
		expect([lab.seen(), state().pin]).toEqual(["stale 3", undefined]);
	});

	it("has what is pinned for that reason alone, though its target was replaced", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 3));
		lab.catalog.pin("web", pin(30));
		lab.apply(service("web", [B]));
		lab.provider.answer(B, from(B, 4));
		expect(rules()["10.0.0.1"]).toMatch(/^pinned to version before until \S+$/);
	});

	it("follows its sources again when it is released; a pin outlives a restart, and its end does not", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, from(A, 3));
		lab.catalog.pin("web", pin(30));
		lab.seen();
		const saved = lab.catalog.saved("web");
		expect(saved?.pin?.endpoints.map(addressOf)).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
		expect(lab.catalog.pin("web", undefined)).toBe(true);
		expect(lab.seen()).toBe("synced 3");
		expect(lab.catalog.saved("web")?.pin).toBeUndefined();
		expect(lab.catalog.pin("nobody", undefined)).toBeUndefined();
		if (!saved) throw new Error("it is saved");
		lab.catalog.restore([{ ...saved, name: "later", definition: { ...saved.definition, name: "later" } }]);
		lab.apply(service("web", [A]), service("later", [B]));
		expect(lab.seen("later")).toBe("stale 1 2");
		vi.advanceTimersByTime(30 * 60_000);
		lab.provider.answer(B, from(B, 5));
		expect(lab.seen("later")).toBe("synced 5");
	});
});
