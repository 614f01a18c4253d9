import { describe, expect, it } from "vitest";
import { InvalidEndpoints } from "../../../src/input/endpoint-file.js";
import { type EndpointFields, endpoint } from "../../../src/input/given/own-endpoint.js";
import { discovered } from "../../../src/model/discovered-endpoint.js";
import { HEALTHS } from "../../../src/model/endpoint.js";
import { endpointProblem } from "../../../src/model/endpoint-problem.js";

const least = { address: "10.0.0.1", port: 80 };

/** What is refused, and why. */
function problems(parts: unknown): readonly { readonly path: string; readonly message: string }[] {
	try {
		endpoint(parts as EndpointFields);
	} catch (error) {
		if (error instanceof InvalidEndpoints) return error.problems;
		throw error;
	}
	return [];
}

describe("an endpoint of a program", () => {
	it("has the defaults of xDS for what is not said, or undefined", () => {
		const usual = {
			...least,
			health: "unknown",
			weight: 100,
			priority: 0,
			locality: { region: "", zone: "", subZone: "" },
		};
		expect(endpoint(least)).toEqual(usual);
		const nothing = {
			health: undefined,
			weight: undefined,
			locality: undefined,
			hostname: undefined,
			origin: undefined,
		};
		expect(Object.keys(endpoint({ ...least, ...nothing }))).toEqual(Object.keys(usual));
	});

	it("has what is said, to the bounds", () => {
		const said = {
			address: "web.internal",
			port: 65_535,
			health: "draining",
			weight: 0,
			priority: 128,
			locality: { region: "eu", zone: "a", subZone: "r1" },
			hostname: "a.internal",
			metadata: { version: "v2", empty: "" },
			origin: { target: "inventory://web", object: "row 1" },
		} as const;
		expect(endpoint(said)).toEqual(said);
		expect(endpoint({ ...least, port: 1, weight: 65_535, locality: { zone: "a" } })).toMatchObject({
			port: 1,
			weight: 65_535,
			locality: { region: "", zone: "a", subZone: "" },
		});
		for (const health of HEALTHS) expect(endpoint({ ...least, health }).health).toBe(health);
	});

	it("takes one that was discovered, and may be one that clients accept", () => {
		const [found] = discovered([endpoint({ address: "fd00::1", port: 80 })]);
		expect(endpoint({ ...found, weight: 5 } as EndpointFields)).toEqual(
			endpoint({ address: "fd00::1", port: 80, weight: 5 }),
		);
		expect(endpointProblem(endpoint(least))).toBeUndefined();
	});

	it("has one text for an IPv6 address, however it is written", () => {
		expect(endpoint({ address: "FD00:0::1", port: 80 }).address).toBe("fd00::1");
	});

	it.each<[string, object, string, string]>([
		["no address", { port: 80 }, "address", "is missing"],
		["an empty address", { ...least, address: "" }, "address", "is empty"],
		["an address that is none", { ...least, address: "10.0.0.256" }, "address", '"10.0.0.256" is not an IP address'],
		[
			"an address with its port",
			{ ...least, address: "10.0.0.1:80" },
			"address",
			"neither an IP address nor a host name",
		],
		["brackets", { ...least, address: "[::1]" }, "address", "has no brackets here"],
		["an address that is not a string", { ...least, address: 5 }, "address", "expected a string, not the number 5"],
		...["0.0.0.0", "::", "::0", "::ffff:0.0.0.0"].map((address): [string, object, string, string] => [
			`every address (${address})`,
			{ ...least, address },
			"address",
			"it stands for every address of a machine",
		]),
		...["224.0.0.1", "239.255.255.255", "ff02::1"].map((address): [string, object, string, string] => [
			`multicast (${address})`,
			{ ...least, address },
			"address",
			"it is a multicast address",
		]),
		["broadcast", { ...least, address: "255.255.255.255" }, "address", "it is the broadcast address"],
		["no port", { address: "10.0.0.1" }, "port", "is missing"],
		...[0, -1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "80", null].map(
			(port): [string, object, string, string] => [
				`the port ${port}`,
				{ ...least, port },
				"port",
				"expected a whole number from 1 to 65535, not ",
			],
		),
		...[-1, 65_536, 0.5, Number.NaN, "100", null].map((weight): [string, object, string, string] => [
			`the weight ${weight}`,
			{ ...least, weight },
			"weight",
			"expected a whole number from 0 to 65535, not ",
		]),
		...[-1, 129, 1.5, "0"].map((priority): [string, object, string, string] => [
			`the priority ${priority}`,
			{ ...least, priority },
			"priority",
			"expected a whole number from 0 to 128, not ",
		]),
		["an unknown health", { ...least, health: "helthy" }, "health", 'not "helthy"; did you mean "healthy"?'],
		["a health that is not a string", { ...least, health: 1 }, "health", "expected one of healthy, unknown"],
		["an empty hostname", { ...least, hostname: "" }, "hostname", "is empty; leave it out"],
		["a hostname that is not a string", { ...least, hostname: 5 }, "hostname", "expected a string"],
		["a locality that is none", { ...least, locality: "eu" }, "locality", "expected texts by their names"],
		[
			"null for a locality",
			{ ...least, locality: null },
			"locality",
			"expected texts by their names, not an empty value",
		],
		[
			"a zone that is not a string",
			{ ...least, locality: { zone: 1 } },
			"locality.zone",
			"expected a string, not the number 1",
		],
		["a misspelt zone", { ...least, locality: { zoen: "a" } }, "locality.zoen", 'did you mean "zone"?'],
		[
			"metadata that are no values",
			{ ...least, metadata: { a: { b: 1 } } },
			"metadata.a",
			"expected a text, a number, true, false, or a list of these, not keys with values",
		],
		[
			"metadata that are a list",
			{ ...least, metadata: ["a"] },
			"metadata",
			"expected values by their names, not a list",
		],
		["an origin that is none", { ...least, origin: "here" }, "origin", "expected {target, …}"],
		["a misspelt field", { ...least, wieght: 5 }, "wieght", 'there is no such field; did you mean "weight"?'],
		["a field of all objects", { ...least, toString: 5 }, "toString", "there is no such field"],
	])("refuses %s, and says which field it is", (_, parts, path, message) => {
		expect(problems(parts)).toEqual([{ path, message: expect.stringContaining(message) }]);
		expect(() => endpoint(parts as EndpointFields)).toThrow(`endpoint ${path}: `);
	});

	it("refuses what is not an object, and tells every problem at once", () => {
		for (const parts of [undefined, null, "10.0.0.1:80", 5]) {
			expect(problems(parts)).toEqual([{ path: "", message: expect.stringContaining("expected {address, port, …}") }]);
		}
		expect(problems({ port: 0, weight: -1 }).map(({ path }) => path)).toEqual(["address", "port", "weight"]);
	});
});
