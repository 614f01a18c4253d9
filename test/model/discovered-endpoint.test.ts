import { describe, expect, it } from "vitest";
import { discovered } from "../../src/model/discovered-endpoint.js";
import { endpoint, isReady, readyEndpoints, urlOf } from "../../src/model/endpoint.js";

const at = (port: number, parts: Partial<Parameters<typeof endpoint>[0]> = {}) =>
	endpoint({ address: "10.0.0.1", port, ...parts });

describe("what was discovered", () => {
	it("has a URL, an IPv6 address in brackets", () => {
		expect(urlOf(at(80))).toBe("http://10.0.0.1:80");
		expect(urlOf({ address: "fd00::1", port: 8080 })).toBe("http://[fd00::1]:8080");
		expect(discovered([at(80), at(81, { address: "::1" })]).map(({ url }) => url)).toEqual([
			"http://10.0.0.1:80",
			"http://[::1]:81",
		]);
	});

	it("is ready where it may get traffic: a degraded one only while there is no other", () => {
		const others = [at(3, { health: "degraded" }), at(4, { health: "draining" }), at(5, { weight: 0 })];
		const readyOf = (list: Parameters<typeof discovered>[0]) =>
			discovered(list).flatMap(({ ready, port }) => (ready ? [port] : []));
		expect(readyOf([at(1), at(2, { health: "healthy" }), ...others])).toEqual([1, 2]);
		expect(readyOf(others)).toEqual([3]);
		expect(readyEndpoints(others).map(({ port }) => port)).toEqual([3]);
	});

	it("keeps everything else, and the endpoint that it was stays as it was", () => {
		const one = Object.freeze(at(80, { hostname: "a", metadata: { a: "1" } }));
		expect(discovered([one])).toEqual([{ ...one, url: "http://10.0.0.1:80", ready: true }]);
	});
});

describe("whether an endpoint is ready by itself", () => {
	it.each([
		["healthy", 1, true],
		["unknown", 1, true],
		["healthy", 0, false],
		["degraded", 1, false],
		["draining", 1, false],
		["unhealthy", 1, false],
		["timeout", 1, false],
	] as const)("%s with the weight %i: %s", (health, weight, ready) => {
		expect(isReady(at(80, { health, weight }))).toBe(ready);
		expect([at(80, { health, weight })].filter(isReady)).toHaveLength(ready ? 1 : 0);
	});
});
