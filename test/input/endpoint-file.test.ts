import { describe, expect, it } from "vitest";
import { InvalidEndpoints, parseEndpoints } from "../../src/input/endpoint-file.js";

function problemsOf(text: string): readonly string[] {
	try {
		parseEndpoints(text, "e.yaml");
	} catch (error) {
		expect(error).toBeInstanceOf(InvalidEndpoints);
		return (error as InvalidEndpoints).message.split("\n");
	}
	throw new Error("it was read");
}

describe("a list of endpoints", () => {
	it("takes the short form with the defaults", () => {
		expect(parseEndpoints("- 127.0.0.1:8080\n", "e")).toEqual([
			{
				address: "127.0.0.1",
				port: 8080,
				health: "healthy",
				weight: 100,
				priority: 0,
				locality: { region: "", zone: "", subZone: "" },
			},
		]);
	});

	it("takes the long form, as YAML and as JSON", () => {
		const endpoint = {
			address: "[::1]:80",
			weight: 0,
			health: "draining",
			priority: 128,
			hostname: "b.internal",
			locality: { zone: "eu-1a" },
			metadata: { version: "v2" },
		};
		expect(parseEndpoints(JSON.stringify([endpoint]), "e")).toEqual([
			{ ...endpoint, address: "::1", port: 80, locality: { region: "", zone: "eu-1a", subZone: "" } },
		]);
		const yaml =
			'- {address: "[::1]:80", weight: 0, health: draining, priority: 128, hostname: b.internal,\n   locality: {zone: eu-1a}, metadata: {version: v2}}';
		expect(parseEndpoints(yaml, "e")).toEqual(parseEndpoints(JSON.stringify([endpoint]), "e"));
	});

	it("is empty only where it says so", () => {
		expect(parseEndpoints("[]", "e")).toEqual([]);
		expect(problemsOf("")).toEqual(["e.yaml:1:1 the file is empty"]);
		expect(problemsOf("# all gone\n")).toEqual(["e.yaml:1:1 the file is empty"]);
		expect(problemsOf("~")[0]).toMatch(/^e.yaml:1:1 expected a list of endpoints .*, not an empty value$/);
	});

	it.each([
		[
			"- {address: 1.2.3.4:5, weight: 65536}",
			"e.yaml:1:32 [0].weight: a weight is a whole number from 0 to 65535, not the number 65536",
		],
		[
			"- {address: 1.2.3.4:5, weight: 1.5}",
			"e.yaml:1:32 [0].weight: a weight is a whole number from 0 to 65535, not the number 1.5",
		],
		[
			'- {address: 1.2.3.4:5, weight: "5"}',
			'e.yaml:1:32 [0].weight: a weight is a whole number from 0 to 65535, not "5"; take away the quotes',
		],
		[
			"- {address: 1.2.3.4:5, priority: 129}",
			"e.yaml:1:34 [0].priority: a priority is a whole number from 0 to 128, not the number 129",
		],
		[
			"- {address: 1.2.3.4:5, health: helthy}",
			'e.yaml:1:32 [0].health: expected one of healthy, unknown, unhealthy, draining, degraded, timeout, not "helthy"; did you mean "healthy"?',
		],
		["- {address: 1.2.3.4:5, wieght: 5}", 'e.yaml:1:24 [0].wieght: unknown key "wieght"; did you mean "weight"?'],
		[
			"- {address: 1.2.3.4:5, metadata: {version: {a: 1}}}",
			"e.yaml:1:44 [0].metadata.version: expected a text, a number, true, false, or a list of these, not keys with values",
		],
		[
			"- {address: 1.2.3.4:5, locality: {zone: 1}}",
			"e.yaml:1:41 [0].locality.zone: expected a string, not the number 1",
		],
		["- {weight: 5}", "e.yaml:1:3 [0].address: is missing"],
		[
			"- 5",
			'e.yaml:1:3 [0]: expected an endpoint such as 127.0.0.1:8080 or {address: "127.0.0.1:8080", weight: 50}, not the number 5',
		],
		["- 1.2.3.4:99999", "e.yaml:1:3 [0]: the port must be 1 to 65535, not 99999"],
		["endpoints: []", "e.yaml:1:1 expected a list of endpoints such as [127.0.0.1:8080], not keys with values"],
	])("refuses %s with its place", (text, problem) => {
		expect(problemsOf(text)).toEqual([problem]);
	});

	it("tells every problem at once, in the order of the text", () => {
		expect(
			problemsOf("- we~b:80\n- 1.2.3.4:0\n- {address: ::1, helth: x, weight: -1}").map((line) => line.split(" ")[0]),
		).toEqual(["e.yaml:1:3", "e.yaml:2:3", "e.yaml:3:13", "e.yaml:3:18", "e.yaml:3:36"]);
	});

	it("allows a hostname beside the address", () => {
		expect(parseEndpoints("- {address: 1.2.3.4:5, hostname: web.internal}", "e")[0]?.hostname).toBe("web.internal");
	});
});
