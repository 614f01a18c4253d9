import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/model/limits.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { AllNames } from "../../../../src/server/transport/names/all-names.js";
import { StreamNames } from "../../../../src/server/transport/names/stream-names.js";

const [EDS, CDS] = [resourceType("eds"), resourceType("cds")];
const names = (allNames: number, own = 1) => new AllNames(() => ({ ...DEFAULT_LIMITS, allNames, names: own }));
const list = (count: number, prefix = "n") => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const NONE = () => [];

describe("the names of all streams", () => {
	it("count once where many have the same list, of one address or of several", () => {
		const all = names(400);
		const same = list(100);
		for (const peer of ["a", "a", "b"]) new StreamNames(all, peer).replace(EDS, same);
		expect(all.total).toBe(100);
	});

	it("have no more than a fourth of one address, and its first list at least", () => {
		const all = names(400);
		const stream = new StreamNames(all, "a");
		expect(() => stream.replace(EDS, list(101))).toThrow("xds.limits.allNames");
		stream.replace(EDS, list(100));
		expect(() => new StreamNames(all, "a").replace(EDS, list(1))).toThrow("xds.limits.allNames");
		new StreamNames(all, "b").replace(EDS, list(100));
		expect(() => new StreamNames(names(400, 200), "a").replace(EDS, list(200))).not.toThrow();
	});

	it("have an end in all, however many addresses there are", () => {
		const all = names(400);
		for (const peer of ["a", "b", "c", "d"]) new StreamNames(all, peer).replace(EDS, list(100));
		expect(() => new StreamNames(all, "e").replace(EDS, list(1))).toThrow("xds.limits.allNames");
	});

	it("count as several where they are long", () => {
		expect(() => new StreamNames(names(400), "a").replace(EDS, list(10, "x".repeat(2_000)))).toThrow("allNames");
	});

	it("are free when the stream asks for others, and when it ends", () => {
		const all = names(400);
		const stream = new StreamNames(all, "a");
		for (let i = 0; i < 10; i++) stream.replace(EDS, list(50, `${i}-`));
		stream.replace(CDS, list(50));
		expect(all.total).toBe(100);
		stream.close();
		expect(all.total).toBe(0);
	});

	it("add up in delta, and what was given up makes room", () => {
		const all = names(400);
		const stream = new StreamNames(all, "a");
		stream.add(EDS, list(40), NONE);
		stream.add(EDS, list(50, "more"), () => list(40));
		expect(all.total).toBe(90);
		expect(() => stream.add(EDS, list(50, "yet"), () => [...list(40), ...list(50, "more")])).toThrow("allNames");
		stream.add(EDS, list(50, "yet"), () => list(40));
		expect(all.total).toBe(90);
		stream.close();
		expect(all.total).toBe(0);
	});
});
