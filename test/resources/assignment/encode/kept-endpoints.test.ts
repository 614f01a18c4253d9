import { describe, expect, it } from "vitest";
import type { Locality } from "../../../../src/model/locality.js";
import type { AssignedLocality } from "../../../../src/resources/assignment/encode/assigned-locality.js";
import { encodeAssignment } from "../../../../src/resources/assignment/encode/encode-assignment.js";
import { bytesOf, KeptEndpoints, MIN_KEPT } from "../../../../src/resources/assignment/encode/kept-endpoints.js";
import { ENVOY_STYLE } from "../../../../src/resources/assignment/envoy-assignment.js";
import { at } from "../../decoded-assignment.js";

const locality = (zone: string): Locality => ({ region: "eu", zone, subZone: "" });

function assigned(zone: string, count: number, parts: Partial<AssignedLocality> = {}): AssignedLocality {
	const endpoints = Array.from({ length: count }, (_, i) => at(i + 1));
	return { locality: locality(zone), priority: 0, weight: count, endpoints, ...parts };
}

describe("the endpoints that the next assignment may copy", () => {
	it.each(["web", ""])("are those of each locality and priority, of the name %j", (name) => {
		const list = [assigned("a", MIN_KEPT), assigned("b", 1), assigned("b", MIN_KEPT + 1, { priority: 1 })];
		const kept = new KeptEndpoints({ value: encodeAssignment(name, list, ENVOY_STYLE), localities: list });
		const [first, , last] = list as [AssignedLocality, AssignedLocality, AssignedLocality];
		expect([first, last].map((each) => kept.of(each)?.endpoints)).toEqual([first.endpoints, last.endpoints]);
		const [bytes, more] = [first, last].map((each) => kept.of(each)?.bytes as Uint8Array) as [Uint8Array, Uint8Array];
		expect(bytesOf(bytes, MIN_KEPT)).toBe(bytes.length);
		expect(Buffer.from(more.subarray(0, bytes.length)).equals(bytes)).toBe(true);
		expect(bytesOf(more, MIN_KEPT + 1)).toBe(more.length);
		expect(kept.of(assigned("a", MIN_KEPT, { priority: 1 }))).toBeUndefined();
		expect(kept.of(assigned("c", MIN_KEPT))).toBeUndefined();
	});

	it("are none where it has few of them now, or had few", () => {
		const list = [assigned("a", MIN_KEPT), assigned("b", MIN_KEPT - 1)];
		const kept = new KeptEndpoints({ value: encodeAssignment("web", list, ENVOY_STYLE), localities: list });
		expect(kept.of(assigned("a", MIN_KEPT - 1))).toBeUndefined();
		expect(kept.of(assigned("b", MIN_KEPT))).toBeUndefined();
	});

	it("are none where the bytes are not those of the endpoints", () => {
		const list = [assigned("a", MIN_KEPT)];
		const value = encodeAssignment("web", [assigned("a", MIN_KEPT - 9)], ENVOY_STYLE);
		expect(new KeptEndpoints({ value, localities: list }).of(list[0] as AssignedLocality)).toBeUndefined();
	});
});
