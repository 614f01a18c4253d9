import { describe, expect, it } from "vitest";
import { targetSettings } from "../../src/catalog/target-settings.js";
import type { Endpoint } from "../../src/model/endpoint.js";
import type { ServiceDefinition, ServiceTarget } from "../../src/model/service.js";
import { parseTarget } from "../../src/model/target.js";
import { A, B, C, type CatalogLab, useCatalogLab } from "./catalog-lab.js";
import { at, service } from "./fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

type Settings = Partial<Omit<ServiceTarget, "target">>;

function web(...targets: readonly (readonly [string, Settings])[]): ServiceDefinition {
	const list = targets.map(([text, settings]) => ({ target: parseTarget(text), priority: 0, ...settings }));
	return { ...service("web", []), targets: list };
}

function endpoints(): readonly Endpoint[] {
	lab.catalog.flush();
	return lab.catalog.get("web")?.endpoints ?? [];
}

/** The part of each target by its text. */
function parts(): Record<string, number | undefined> {
	return Object.fromEntries(
		endpoints().map(({ targetShare, address }) => [targetShare?.target ?? address, targetShare?.part]),
	);
}

describe("what a service says of a target's endpoints", () => {
	it("makes the weights of a priority's targets shares of its traffic", () => {
		lab.apply(web([A, { weight: 90 }], [B, { weight: 10 }], [C, { weight: 5, priority: 1 }]));
		lab.provider.answer(A, 1, 2);
		lab.provider.answer(B, 3);
		lab.provider.answer(C, 4);
		expect(parts()).toEqual({ [A]: 0.9, [B]: 0.1, [C]: 1 });
		expect(endpoints().map(({ weight }) => weight)).toEqual([100, 100, 100, 100]);
	});

	it("leaves the endpoints alone where it says nothing of them", () => {
		const [settings] = targetSettings([{ target: parseTarget(A), priority: 0 }]);
		const given = [at(1), at(2)];
		expect(settings?.of(given, true)).toBe(given);
	});

	it("counts the weights of those alone that have one", () => {
		lab.apply(web([A, { weight: 30 }], [B, {}], [C, { weight: 10 }]));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 2);
		lab.provider.answer(C, 3);
		expect(parts()).toEqual({ [A]: 0.75, "10.0.0.2": undefined, [C]: 0.25 });
	});

	it("takes another weight over without watching anew or touching what the others gave", () => {
		lab.apply(web([A, { weight: 90 }], [B, { weight: 10 }]));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 3);
		expect(lab.seen()).toBe("synced 1 3");
		lab.apply(web([A, { weight: 50 }], [B, { weight: 50 }]));
		expect(lab.seen()).toBe("synced 1 3");
		expect(parts()).toEqual({ [A]: 0.5, [B]: 0.5 });
		expect([lab.provider.started(A), lab.provider.started(B)]).toEqual([1, 1]);
	});

	it("gives the endpoints of a target of weight 0 no traffic, and says so once", () => {
		lab.apply(web([A, { weight: 100 }], [B, { weight: 0 }]));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 2, 3);
		expect(endpoints().map(({ weight }) => weight)).toEqual([100, 0, 0]);
		expect(lab.catalog.get("web")?.notes).toEqual([`${B} has weight 0: its endpoints get no traffic`]);
	});

	it("makes no endpoint better than its source says", () => {
		const all = ["healthy", "unknown", "degraded", "draining", "timeout", "unhealthy"] as const;
		lab.apply(web([A, { health: "degraded" }]));
		lab.provider.answer(A, ...all.map((health, i) => at(i, { health })));
		expect(endpoints().map(({ health }) => health)).toEqual([
			"degraded",
			"degraded",
			"degraded",
			"draining",
			"timeout",
			"unhealthy",
		]);
		lab.apply(web([A, { health: "healthy" }]));
		expect(endpoints().map(({ health }) => health)).toEqual(["healthy", "healthy", ...all.slice(2)]);
		lab.apply(web([A, { health: "unknown" }]));
		expect(endpoints().map(({ health }) => health)).toEqual(["unknown", "unknown", ...all.slice(2)]);
		lab.apply(web([A, { health: "draining" }]));
		const draining = ["draining", "draining", "draining", "draining", "timeout", "unhealthy"];
		expect(endpoints().map(({ health }) => health)).toEqual(draining);
		for (const worst of ["timeout", "unhealthy"] as const) {
			lab.apply(web([A, { health: worst }]));
			expect(endpoints().map(({ health }) => health)).toEqual(all.map(() => worst));
		}
	});

	it("sets the parts of the locality that it names, and adds its metadata", () => {
		lab.apply(web([A, { locality: { zone: "eu-1b" }, metadata: { stage: "canary" } }]));
		const locality = { region: "eu", zone: "eu-1a", subZone: "" };
		lab.provider.answer(A, at(2), at(1, { locality, metadata: { stage: "x", version: "v2" } }));
		expect(endpoints()).toMatchObject([
			{ address: "10.0.0.2", locality: { region: "", zone: "eu-1b" }, metadata: { stage: "canary" } },
			{ address: "10.0.0.1", locality: { region: "eu", zone: "eu-1b" }, metadata: { stage: "canary", version: "v2" } },
		]);
	});

	it("leaves the rest of the locality as it is where the config names a part of it as undefined", () => {
		lab.apply(web([A, { locality: { zone: "b", subZone: undefined } }]));
		lab.provider.answer(A, at(1, { locality: { region: "eu", zone: "a", subZone: "rack" } }));
		expect(endpoints()[0]?.locality).toEqual({ region: "eu", zone: "b", subZone: "rack" });
	});

	it("keeps the list in canonical order, and the first of two with one address", () => {
		lab.apply(web([A, { locality: { zone: "z" } }], [B, { locality: { zone: "z" } }]));
		lab.provider.answer(A, at(1, { locality: { region: "", zone: "z2", subZone: "" } }), at(2));
		lab.provider.answer(B, at(1, { weight: 7 }));
		expect(endpoints().map(({ address, weight }) => [address, weight])).toEqual([
			["10.0.0.1", 100],
			["10.0.0.2", 100],
		]);
	});

	it.each([{}, { locality: { zone: "z" } }])(
		"keeps of a target's repeats the one that came first, with %j",
		(settings) => {
			lab.apply(web([A, { metadata: { a: "b" }, ...settings }]));
			lab.provider.answer(A, at(1, { priority: 1, weight: 5 }), at(1, { weight: 7 }), at(2));
			expect(endpoints().map(({ address, weight }) => [address, weight])).toEqual([
				["10.0.0.2", 100],
				["10.0.0.1", 5],
			]);
		},
	);

	it("leaves the very same objects where a source says the same again", () => {
		lab.apply(web([A, { metadata: { a: "b" } }]));
		lab.provider.answer(A, 1, 2);
		const [first] = endpoints();
		lab.provider.answer(A, 1, 2, 3);
		expect(endpoints()[0]).toBe(first);
	});

	it("lets what was served before stand in for a target that has not answered", () => {
		lab.apply(web([A, {}]));
		lab.provider.answer(A, 1);
		lab.apply(web([B, { weight: 90 }], [C, { weight: 10 }]));
		lab.provider.answer(C, 3);
		expect(lab.seen()).toBe("stale 1 3");
		expect(parts()).toEqual({ "10.0.0.1": undefined, [C]: 0.1 });
		lab.provider.answer(B, 2);
		expect(lab.seen()).toBe("synced 2 3");
	});
});
