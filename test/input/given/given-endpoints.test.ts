import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "../../../src/input/check.js";
import { InvalidEndpoints } from "../../../src/input/endpoint-file.js";
import { endpointListSchema } from "../../../src/input/endpoint-schema.js";
import { asWritten, type EndpointInput, type EndpointParts } from "../../../src/input/given/endpoint-input.js";
import { GivenEndpoints } from "../../../src/input/given/given-endpoints.js";
import { anyEndpoint } from "../../model/arbitrary-endpoint.js";
import { randomRuns } from "../../random-runs.js";

const SERVICE = 'service "web"';

function parts(n: number, more: Partial<EndpointParts> = {}): EndpointParts {
	return { address: `10.0.0.${n}`, port: 80, ...more };
}

/** Without the time at which they were given. */
function withoutTimes(given: GivenEndpoints, inputs: readonly EndpointInput[]) {
	return given.read(inputs, SERVICE).map(({ origin, ...e }) => ({ ...e, origin: { ...origin, at: undefined } }));
}

describe("endpoints that are given again", () => {
	it("are the very same objects, whether the same or equal ones are given", () => {
		const given = new GivenEndpoints();
		const one = parts(1, { locality: { zone: "a" }, metadata: { a: "1" }, origin: { object: "row 1" } });
		const before = given.read([one, "10.0.0.2:80"], SERVICE);
		expect(given.read([one, "10.0.0.2:80"], SERVICE)).toBe(before);
		expect(given.read([structuredClone(one), "10.0.0.2:80"], SERVICE)).toBe(before);
	});

	it("stay the same objects wherever they stand, beside what is new", () => {
		const given = new GivenEndpoints();
		const [one, two, three] = given.read([parts(1), parts(2), "10.0.0.3:80"], SERVICE);
		const [c, b, a, d] = given.read(["10.0.0.3:80", parts(2, { weight: 5 }), parts(1), parts(4)], SERVICE);
		expect([a === one, b === two, c === three]).toEqual([true, false, true]);
		expect([b, d]).toMatchObject([{ weight: 5 }, { address: "10.0.0.4" }]);
	});

	it.each<[string, Partial<EndpointParts>]>([
		["address", { address: "10.0.0.9" }],
		["port", { port: 81 }],
		["health", { health: "draining" }],
		["weight", { weight: 7 }],
		["priority", { priority: 1 }],
		["hostname", { hostname: "b" }],
		["locality", { locality: { zone: "b" } }],
		["metadata", { metadata: { a: "2" } }],
	])("are read anew where the %s is another, also in the object that was given before", (_, change) => {
		const given = new GivenEndpoints();
		const one = { ...parts(1, { locality: { zone: "a" }, metadata: { a: "1" } }) };
		given.read([one], SERVICE);
		const [{ origin: _origin, ...expected } = { origin: undefined }] = new GivenEndpoints().read(
			[{ ...one, ...change }],
			SERVICE,
		);
		Object.assign(one, change);
		expect(given.read([one], SERVICE)).toMatchObject([expected]);
	});

	it("are read anew where an object within the one that was given has changed", () => {
		const given = new GivenEndpoints();
		const one = { ...parts(1), locality: { zone: "a" }, metadata: { a: "1" }, origin: { object: "row 1" } };
		given.read([one], SERVICE);
		one.locality.zone = "b";
		one.metadata.a = "2";
		one.origin.object = "row 2";
		expect(given.read([one], SERVICE)).toMatchObject([
			{ locality: { zone: "b" }, metadata: { a: "2" }, origin: { object: "row 2" } },
		]);
	});

	it("are read anew where there is a key more, which may be misspelt", () => {
		const given = new GivenEndpoints();
		given.read([parts(1)], SERVICE);
		expect(() => given.read([{ ...parts(1), wieght: 5 } as EndpointParts], SERVICE)).toThrow('did you mean "weight"?');
	});

	it("stay as they were where something of the next list cannot be, which is told by its place", () => {
		const given = new GivenEndpoints();
		const before = given.read([parts(1), parts(2)], SERVICE);
		const wrong = [parts(1), parts(3, { weight: -1 }), parts(2), parts(4, { port: 0 })];
		expect(() => given.read(wrong, SERVICE)).toThrow(InvalidEndpoints);
		try {
			given.read(wrong, SERVICE);
		} catch (error) {
			expect((error as InvalidEndpoints).problems).toEqual([
				{ path: "endpoints[1].weight", message: expect.stringContaining("a whole number from 0 to 65535") },
				{ path: "endpoints[3].address", message: "the port must be 1 to 65535, not 0" },
			]);
		}
		expect(given.read([parts(1), parts(2)], SERVICE)).toBe(before);
	});

	it("are what a list that is read for the first time would give, whatever was given before", () => {
		const input = fc.oneof(
			fc.integer({ min: 1, max: 4 }).map((n) => `10.0.0.${n}:80`),
			fc
				.record({
					n: fc.integer({ min: 1, max: 4 }),
					weight: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
				})
				.map(({ n, weight }) => parts(n, weight === undefined ? {} : { weight })),
		);
		fc.assert(
			fc.property(fc.array(fc.array(input, { maxLength: 8 }), { maxLength: 6 }), (lists) => {
				const given = new GivenEndpoints();
				for (const list of lists) expect(withoutTimes(given, list)).toEqual(withoutTimes(new GivenEndpoints(), list));
			}),
			randomRuns(300),
		);
	});

	it("are read as a config would be, whatever is said of them", () => {
		fc.assert(
			fc.property(fc.array(anyEndpoint), (list) => {
				const read = new GivenEndpoints().read(list, SERVICE).map(({ origin: _, ...e }) => e);
				expect(read).toEqual(check(endpointListSchema, list.map(asWritten)).value);
			}),
			randomRuns(300),
		);
	});

	it("may be anything, in a program without types", () => {
		const anything = [undefined, null, 5, Symbol("x"), [], {}, { parts: undefined }, { address: Symbol("x"), port: 1 }];
		for (const each of anything) {
			const list = [parts(1), each] as EndpointInput[];
			const given = new GivenEndpoints();
			expect(() => given.read(list, SERVICE)).toThrow(InvalidEndpoints);
			given.read([parts(1), parts(2), parts(3)], SERVICE);
			expect(() => given.read(list, SERVICE)).toThrow(InvalidEndpoints);
		}
		const holes = [parts(1)] as EndpointInput[];
		holes[2] = parts(3);
		expect(() => new GivenEndpoints().read(holes, SERVICE)).toThrow("endpoints[1]");
	});
});
