import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../src/model/endpoint.js";
import { envoyLocalities } from "../../../src/resources/assignment/envoy-assignment.js";
import { groupByLocality } from "../../../src/resources/assignment/locality-groups.js";
import { at, eu } from "../decoded-assignment.js";

const shown = (endpoints: readonly Endpoint[]) =>
	groupByLocality(endpoints).map(({ priority, endpoints }) => [priority, endpoints.map(({ address }) => address)]);

describe("the endpoints of each priority and locality", () => {
	it("stand together, priorities without gaps", () => {
		expect(groupByLocality([])).toEqual([]);
		const list = [
			...[at(1), at(2), at(3, { locality: eu })],
			...[at(4, { priority: 2 }), at(5, { priority: 2, locality: eu }), at(6, { priority: 5, locality: eu })],
		];
		expect(shown(list)).toEqual([
			[0, ["10.0.0.1", "10.0.0.2"]],
			[0, ["10.0.0.3"]],
			[1, ["10.0.0.4"]],
			[1, ["10.0.0.5"]],
			[2, ["10.0.0.6"]],
		]);
	});

	it("are the very list where all are of one", () => {
		const list = [at(1, { priority: 3 }), at(2, { priority: 3 })];
		expect(groupByLocality(list)).toEqual([{ priority: 0, endpoints: list }]);
		expect(groupByLocality(list)[0]?.endpoints).toBe(list);
		expect(shown([at(1), at(2, { locality: eu })])).toHaveLength(2);
	});
});

describe("the endpoints that Envoy gets", () => {
	const sent = (list: readonly Endpoint[]) => envoyLocalities(list).flatMap(({ endpoints }) => endpoints);

	it("are the very objects of the service, where they are sent as they are", () => {
		const list = [at(1, { weight: 1 }), at(2, { weight: 0 })];
		expect(sent(list)).toHaveLength(1);
		expect(sent(list)[0]).toBe(list[0]);
	});

	it("are the same objects again where they have the same weights again, so that their bytes are copied", () => {
		const share = { targetShare: { target: "a", part: 1 } };
		const list = [at(1, share), at(2, share)];
		const [before, again] = [sent(list), sent([...list])];
		expect(before[0]).not.toBe(list[0]);
		expect([again[0] === before[0], again[1] === before[1]]).toEqual([true, true]);
		const more = sent([...list, at(3, share)]);
		expect(more[0]?.weight).not.toBe(before[0]?.weight);
		expect(sent(list)[0]?.weight).toBe(before[0]?.weight);
	});

	it("are the very objects where the weight by which they get traffic is their own", () => {
		const plain = at(1, { weight: 5, priority: 1 });
		const list = [at(2, { targetShare: { target: "a", part: 1 } }), plain];
		expect(sent(list)[1]).toBe(plain);
	});
});
