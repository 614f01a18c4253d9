import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DiscoveryRequest } from "../../../src/gen/envoy/service/discovery/v3/discovery.js";
import { LastNames } from "../../../src/server/wire/last-names.js";
import { decodeSotwRequest } from "./decode-at-once.js";

function request(names: readonly string[], versionInfo = "v1"): Buffer {
	return Buffer.from(
		DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ resourceNames: [...names], versionInfo })).finish(),
	);
}

/** A request whose names lie apart, with another field between. */
function apart(...lists: (readonly string[])[]): Buffer {
	return Buffer.concat(lists.map((names, i) => request(names, `v${i}`)));
}

function readAll(requests: readonly Buffer[]): (readonly string[])[] {
	const known = new LastNames();
	return requests.map((bytes) => decodeSotwRequest(bytes, false, known).names);
}

describe("known names", () => {
	it("are the very same list while a client repeats them, whatever else its requests say", () => {
		const [first, second, third] = readAll([request(["a", "b"]), request(["a", "b"], "v2"), request(["a", "b"], "")]);
		expect(first).toEqual(["a", "b"]);
		expect(second).toBe(first);
		expect(third).toBe(first);
	});

	it("are another list if names are added, removed or changed, and the same if only their order is another", () => {
		const [first, second] = readAll([request(["a", "b"]), request(["b", "a"])]);
		expect(second).toBe(first);
		for (const next of [["a", "b", "c"], ["a"], ["a", "c"], ["ab"], []]) {
			const [first, second] = readAll([request(["a", "b"]), request(next)]);
			expect(second).toEqual(next);
			expect(second).not.toBe(first);
			expect(first).toEqual(["a", "b"]);
		}
	});

	it("are all of a request's names, also where other fields lie between them", () => {
		const lists = readAll([
			request(["a", "b"]),
			apart(["a", "b"], ["c"]),
			apart(["a", "b"], ["a", "b"]),
			apart(["a"], ["b"]),
		]);
		expect(lists).toEqual([
			["a", "b"],
			["a", "b", "c"],
			["a", "b", "a", "b"],
			["a", "b"],
		]);
	});

	it("stay known when a request breaks off within them", () => {
		const known = new LastNames();
		const { names } = decodeSotwRequest(request(["a", "bcd"]), false, known);
		const broken = Buffer.from([0x1a, 1, 0x61, 0x1a, 3, 0x62]);
		expect(() => decodeSotwRequest(broken, false, known)).toThrow();
		expect(decodeSotwRequest(request(["a", "bcd"]), false, known).names).toBe(names);
	});

	it("are what they are without a memory of the requests before", () => {
		const name = fc.constantFrom("", "*", "a", "b", "ab", "\u001a\u0001a");
		const requests = fc.array(
			fc.array(fc.array(name, { maxLength: 3 }), { maxLength: 3 }).map((lists) => apart(...lists)),
		);
		fc.assert(
			fc.property(requests, (all) => {
				const sorted = (names: readonly string[]) => [...names].sort();
				expect(readAll(all).map(sorted)).toEqual(all.map((bytes) => sorted(decodeSotwRequest(bytes, false).names)));
			}),
		);
	});
});
