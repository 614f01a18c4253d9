import { describe, expect, it } from "vitest";
import { endpoint } from "../../../src/model/endpoint.js";
import { zoneNotes } from "../../../src/model/zones/zone-notes.js";

/** One endpoint for each, in that zone; `!` is not ready. */
function notes(zones: readonly string[], definition: Parameters<typeof zoneNotes>[0] = {}): readonly string[] {
	const endpoints = zones.map((zone, i) =>
		endpoint({
			address: `10.0.0.${i + 1}`,
			port: 80,
			health: zone.endsWith("!") ? "unhealthy" : "healthy",
			locality: { region: zone && "eu", zone: zone.replace("!", ""), subZone: "" },
		}),
	);
	return zoneNotes(definition, endpoints);
}

describe("what is said of endpoints without a zone", () => {
	it("tells which and how many, and what is to be done, where others are in several zones", () => {
		expect(notes(["a", "b", ""])).toEqual([
			"1 of 3 ready endpoints name no zone (10.0.0.3:80), so clients of zones get all endpoints alike: " +
				"give each a zone (locality) at its source or target, or say zones: off",
		]);
		expect(notes(["a", "b", "", "", "", "", ""])[0]).toMatch(
			/^5 of 7 ready endpoints name no zone \(10\.0\.0\.3:80, 10\.0\.0\.4:80, 10\.0\.0\.5:80 and 2 more\)/,
		);
	});

	it.each([
		["all have one", ["a", "b"], {}],
		["none has one", ["", ""], {}],
		["there is one zone alone", ["a", "a", ""], {}],
		["those without one are not ready", ["a", "b", "!"], {}],
		["the second zone has nothing that is ready", ["a", "b!", ""], {}],
		["zones are off", ["a", "b", ""], { zones: { mode: "off", minEndpoints: 2 } }],
		["requests are hashed", ["a", "b", ""], { policies: { loadBalancing: { policy: "maglev" } } }],
	] as const)("is nothing where %s", (_, zones, definition) => {
		expect(notes(zones, definition)).toEqual([]);
	});
});
