import { expect, it } from "vitest";
import { renderZones } from "../../../src/cli/render/zones-table.js";

const style = { wide: false, colours: false, now: new Date(0) };
const row = { region: "eu", priority: 0, keeps: 0.4, spills: 0.1 };
const zones = [
	{
		...{ ...row, zone: "a", clients: 12, allClients: 12, capacity: 0.4, demand: 0.5 },
		to: [
			{ region: "eu", zone: "a", share: 0.8 },
			{ region: "", zone: "b", share: 0.2 },
		],
	},
	{
		...row,
		zone: "b",
		clients: 0,
		allClients: 0,
		capacity: 0.6,
		demand: 0,
		to: [{ region: "eu", zone: "b", share: 1 }],
	},
];

it("the zones of a service are shown with what they bear and where their clients go", () => {
	const lines = renderZones(zones, style)
		.trimEnd()
		.split("\n")
		.map((line) => line.trimEnd().split(/ {2,}/));
	expect(lines).toEqual([
		["ZONE", "CLIENTS", "CAPACITY", "DEMAND", "THEY-GO-TO"],
		["eu/a", "12", "40 %", "50 %", "eu/a 80 %, b 20 %"],
		["eu/b", "0", "60 %", "0 %", "-"],
	]);
});

it("clients of other replicas are shown beside those of this one", () => {
	const shared = zones.map((each) => ({ ...each, allClients: 20 }));
	const cells = renderZones(shared, style)
		.split("\n")
		.map((line) => line.split(/ {2,}/)[1]);
	expect(cells.slice(0, 3)).toEqual(["CLIENTS", "12 of 20", "0 of 20"]);
});

it("each of the service's own priorities is shown by itself", () => {
	const lines = renderZones([...zones, { ...(zones[0] as (typeof zones)[number]), priority: 1 }], style).split("\n");
	expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual([
		"ZONE",
		"eu/a, priority 0",
		"eu/b, priority 0",
		"eu/a, priority 1",
		"",
	]);
});
