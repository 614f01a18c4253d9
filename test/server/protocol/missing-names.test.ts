import { describe, expect, it } from "vitest";
import { ResourceSet } from "../../../src/cache/resource-set.js";
import { EncodedResource } from "../../../src/resources/encoded-resource.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { TypeStream } from "../../../src/server/protocol/acks/type-stream.js";
import { countMissing, MissingNames, missingNames } from "../../../src/server/protocol/missing-names.js";

const subscriber = { changed() {}, missed() {}, behind() {} };

function lab(...present: readonly string[]) {
	const type = resourceType("lds");
	const set = new ResourceSet(type);
	for (const name of present) set.put(new EncodedResource(type.url, name, Buffer.from(name)), 0);
	const stream = new TypeStream("delta", set, () => {});
	return { set, stream };
}

describe("names that do not exist", () => {
	it("are told once, and again of no other request", () => {
		const { stream } = lab("greeter");
		const missing = new MissingNames();
		expect(missing.newIn({ stream }, ["greeter", "greter", "*", ""])).toEqual(["greter"]);
		expect(missing.newIn({ stream }, ["greter"])).toEqual([]);
		expect(missing.newIn({ stream }, ["greter", "other"])).toEqual(["other"]);
	});

	it("are looked for anew in a list of which none was missing, once something has changed", () => {
		const { set, stream } = lab("web", "shop");
		const list = ["web", "shop"];
		const told = () => new MissingNames().newIn({ stream }, list);
		expect([told(), told()]).toEqual([[], []]);
		set.remove("shop", 1);
		expect([told(), told()]).toEqual([["shop"], ["shop"]]);
	});

	it("are none of which nothing is known yet", () => {
		const { set, stream } = lab();
		set.await("slow", false, 0);
		expect(new MissingNames().newIn({ stream }, ["slow"])).toEqual([]);
		expect([...missingNames({ stream, names: () => ["slow", "wrong"] })]).toEqual(["wrong"]);
	});

	it("are looked at in a number that has a bound, and told in one, too", () => {
		const { stream } = lab();
		const missing = new MissingNames();
		const names = (count: number, of: string) => Array.from({ length: count }, (_, i) => `${of}-${i}`);
		expect(missing.newIn({ stream }, names(5_000, "a"))).toHaveLength(100);
		expect(missing.newIn({ stream }, names(5_000, "b"))).toEqual([]);
	});

	it("are looked for among the first 1,000 names of a request", () => {
		const present = Array.from({ length: 1_000 }, (_, i) => `there-${i}`);
		const { stream } = lab(...present);
		expect(new MissingNames().newIn({ stream }, [...present, "wrong"])).toEqual([]);
		expect(new MissingNames().newIn({ stream }, [...present.slice(1), "wrong"])).toEqual(["wrong"]);
	});

	it("are looked for once in the very same list, and anew for another type", () => {
		const { set, stream } = lab("web");
		const missing = new MissingNames();
		const names = ["web", "wrong"];
		expect(missing.newIn({ stream }, names)).toEqual(["wrong"]);
		set.remove("web", 1);
		expect(missing.newIn({ stream }, names)).toEqual([]);
		const clusters = new TypeStream("delta", new ResourceSet(resourceType("cds")), () => {});
		expect(missing.newIn({ stream: clusters }, names)).toEqual(["web", "wrong"]);
		expect(missing.newIn({ stream }, [...names])).toEqual(["web"]);
	});

	it.each([
		{ names: 999, steps: 1 },
		{ names: 2_000, steps: 3 },
		{ names: 2_999, steps: 3 },
	])("are counted in steps of 1,000 of $names, after one for each stream", ({ names, steps }) => {
		const { set, stream } = lab();
		set.follow(new Set(Array.from({ length: names }, (_, i) => `n${i}`)), subscriber);
		const counting = countMissing([{ session: { subscriptions: [{ stream }] } }]);
		expect([...counting]).toHaveLength(steps);
	});

	it("count once, however many ask for them", () => {
		const { set, stream } = lab("web");
		for (const name of ["web", "wrong", "worse"]) set.subscribe(name, subscriber);
		set.follow(new Set(["wrong", "web", "bad"]), subscriber);
		const streams = [1, 2].map(() => ({ session: { subscriptions: [{ stream }] } }));
		const counting = countMissing(streams);
		let step = counting.next();
		while (!step.done) step = counting.next();
		expect(step.value).toBe(3);
	});
});
