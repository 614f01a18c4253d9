import { describe, expect, it } from "vitest";
import { degradedEndpoints, notesOfKept } from "../../../src/catalog/keep/kept-notes.js";
import type { KeptStatus } from "../../../src/catalog/keep/kept-status.js";
import { at } from "../fake-provider.js";

const STATUS: KeptStatus = { target: "fake:///a", state: "stale", changes: 1, endpoints: 1 };
const hold = (count: number, why: "target" | "registry" | "waiting") => ({
	held: { endpoints: Array.from({ length: count }, (_, i) => at(i)), before: 4, since: new Date(0), why },
});

describe("what was done to keep a target's endpoints", () => {
	it("is nothing to tell of where nothing was done", () => {
		expect(notesOfKept(STATUS)).toEqual([]);
	});

	it("is told of an outage", () => {
		const staleSince = new Date(0);
		const since = "fake:///a has not answered since 1970-01-01T00:00:00.000Z";
		expect(notesOfKept({ ...STATUS, staleSince, outage: "dropped" })).toEqual([
			`${since}: its endpoints are left out, as onFailure says`,
		]);
		expect(notesOfKept({ ...STATUS, staleSince, outage: "degraded" })).toEqual([
			`${since}: its endpoints are degraded, as onFailure says`,
		]);
	});

	it("is told of what is held", () => {
		expect(notesOfKept({ ...STATUS, ...hold(1, "target") })).toEqual([
			"1 of 4 endpoints of fake:///a is held: the source has 1",
		]);
		expect(notesOfKept({ ...STATUS, endpoints: 0, ...hold(2, "registry") })).toEqual([
			"2 of 4 endpoints of fake:///a are held: the source says that there are none, as most services of the source would be empty",
		]);
	});
});

it("degraded are the endpoints that were ready, in the same list for the same list", () => {
	const healths = ["healthy", "unknown", "degraded", "draining", "timeout", "unhealthy"] as const;
	const list = healths.map((health, i) => at(i, { health }));
	const degraded = degradedEndpoints(list);
	expect(degraded.map(({ health }) => health)).toEqual(["degraded", "degraded", ...healths.slice(2)]);
	expect([degraded[3] === list[3], degradedEndpoints(list) === degraded]).toEqual([true, true]);
});
