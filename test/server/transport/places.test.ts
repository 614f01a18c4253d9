import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/model/limits.js";
import { Places } from "../../../src/server/transport/places.js";

const at = (zone: string, region = "eu") => ({ region, zone });

function places(zones = DEFAULT_LIMITS.zones): Places {
	return new Places(() => ({ ...DEFAULT_LIMITS, zones }));
}

describe("the places of clients", () => {
	it("are none for who names neither zone nor region, or one of a name that is too long", () => {
		const all = places();
		for (const locality of [undefined, at("", ""), at("a".repeat(129)), at("a", "b".repeat(129))])
			expect(all.enter(locality, "10.0.0.1")).toBeUndefined();
	});

	it("are one of its region for who names that alone", () => {
		expect(places().enter(at(""), "10.0.0.1")).toMatchObject({ key: "eu%00", zone: { region: "eu", zone: "" } });
	});

	it("are the same object for the same zone, by region and name", () => {
		const all = places();
		const first = all.enter(at("a"), "10.0.0.1");
		expect(all.enter(at("a"), "10.0.0.2")).toBe(first);
		expect(all.enter(at("a", "us"), "10.0.0.2")).not.toBe(first);
		expect(first).toMatchObject({ key: "eu%00a", zone: at("a") });
	});

	it("are so many at a time, of which one peer brings a fourth or 16", () => {
		const all = places(80);
		const bring = (peer: string) => {
			let count = 0;
			while (all.enter(at(`${peer}-${count}`), peer) !== "full") count++;
			return count;
		};
		expect(["a", "b", "c", "d", "e"].map(bring)).toEqual([20, 20, 20, 20, 0]);
		// A place that is in use is there for everybody.
		expect(all.enter(at("a-0"), "e")).toBeTypeOf("object");
	});

	it("make room when their last stream has left", () => {
		const all = places(1);
		const place = all.enter(at("a"), "x");
		if (typeof place !== "object") throw new Error("there is no place");
		all.enter(at("a"), "y");
		all.leave(place);
		expect(all.enter(at("b"), "y")).toBe("full");
		all.leave(place);
		expect(all.enter(at("b"), "y")).toBeTypeOf("object");
	});

	it("count groups apart from zones: of a zone or none, four times as many at a time, until left", () => {
		const all = places(80);
		const zones = Array.from({ length: 8 }, (_, i) => all.enter(at(`z${i}`), "a"));
		const bring = (peer: string, first: number) => {
			let count = 0;
			for (const zone of [undefined, ...zones.slice(first)]) {
				for (let group = 0; group < 64; group++) {
					if (zone === "full" || all.enterGroup(group, zone, peer) === "full") return count;
					count++;
				}
			}
			return count;
		};
		expect(bring("a", 0)).toBe(80);
		const [whole] = zones;
		if (whole === "full") throw new Error("there is no place");
		expect(all.enterGroup(16, whole, "a")).toBe("full");
		const group = all.enterGroup(16, whole, "b");
		expect(group).toMatchObject({ group: 16, zone: { zone: "z0" } });
		// One in use is there for everybody, and zones have room all the same.
		expect(all.enterGroup(16, whole, "a")).toBe(group);
		expect(all.enter(at("z9"), "a")).toBeTypeOf("object");
		if (group === "full") throw new Error("there is no place");
		for (const _ of ["b", "a"]) all.leave(group);
		expect(all.enterGroup(16, whole, "a")).toBe("full");
	});
});
