import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OwnDemand } from "../../src/cache/zones/own-demand.js";
import type { ZoneDemand } from "../../src/model/zones/zone-balance.js";
import { SharedDemand } from "../../src/replicas/shared-demand.js";
import { atOnce } from "../../src/util/steps.js";
import { randomRuns } from "../random-runs.js";

const zone = (name: string, clients: number): ZoneDemand => ({ region: "eu", zone: name, clients });

/** What it takes over of a replica, by what that tells others. */
function tell(from: OwnDemand, replica: string, to: SharedDemand): number {
	const { services, ...versions } = from.changedSince(to.versionOf(replica) ?? 0);
	const told = new Map([...services]);
	atOnce(to.take({ replica, ...versions, services: told }));
	return told.size;
}

function sum(demand: SharedDemand, service: string): Record<string, readonly [number, number]> {
	return Object.fromEntries([...demand.of(service)].map((each) => [each.zone, [each.clients, each.most ?? -1]]));
}

describe("the demand of other replicas", () => {
	it("is their sum, and only what has changed is told", () => {
		const [one, two, all] = [new OwnDemand(), new OwnDemand(), new SharedDemand()];
		for (const name of ["web", "api", "db"]) one.note(name, [zone("a", 3)]);
		one.commit();
		two.note("web", [zone("b", 1), zone("a", 1)]);
		two.commit();
		expect([tell(one, "1", all), tell(two, "2", all)]).toEqual([3, 1]);
		expect(sum(all, "web")).toEqual({ a: [4, 4], b: [1, 1] });
		expect([...all.takeChanged()].toSorted()).toEqual(["api", "db", "web"]);
		one.note("web", []);
		one.commit();
		expect(tell(one, "1", all)).toBe(1);
		expect([...all.takeChanged()]).toEqual(["web"]);
		expect(sum(all, "web")).toEqual({ a: [1, 1], b: [1, 1] });
		expect(all.clientsOf("1")).toBe(6);
	});

	it("of one that does not answer may still be there, until it is forgotten or answers", () => {
		const [one, all] = [new OwnDemand(), new SharedDemand()];
		one.note("web", [zone("a", 3)]);
		one.commit();
		tell(one, "1", all);
		atOnce(all.doubt("1"));
		expect(sum(all, "web")).toEqual({ a: [0, 3] });
		tell(one, "1", all);
		expect(sum(all, "web")).toEqual({ a: [3, 3] });
		atOnce(all.doubt("1"));
		all.forget("1");
		expect(sum(all, "web")).toEqual({});
		expect(all.versionOf("1")).toBeUndefined();
	});

	it("is bounded, however many zones they name", () => {
		const all = new SharedDemand();
		for (let replica = 0; replica < 8; replica++) {
			const zones = Array.from({ length: 256 }, (_, i) => zone(`${replica}-${i}`, 1));
			atOnce(all.take({ replica: String(replica), version: 1, since: 0, services: new Map([["web", zones]]) }));
		}
		expect([...all.of("web")]).toHaveLength(1_024);
		for (let replica = 0; replica < 8; replica++) all.forget(String(replica));
		expect([...all.of("web")]).toEqual([]);
	});

	it("is what each of them has, whatever was told before, and in however many parts", () => {
		const event = fc.oneof(
			fc.record({
				do: fc.constant("note" as const),
				who: fc.nat(2),
				service: fc.constantFrom("web", "api", "db"),
				zones: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 9 })),
			}),
			fc.record({
				do: fc.constantFrom("commit" as const, "tell" as const, "doubt" as const, "forget" as const),
				who: fc.nat(2),
				steps: fc.constant(0),
			}),
			fc.record({ do: fc.constant("begin" as const), who: fc.nat(2), steps: fc.nat(3) }),
		);
		fc.assert(
			fc.property(fc.array(event, { maxLength: 60 }), (events) => {
				const [own, all] = [[new OwnDemand(), new OwnDemand(), new OwnDemand()], new SharedDemand()];
				for (const each of events) {
					const [from, id] = [own[each.who] as OwnDemand, String(each.who)];
					if (each.do === "note")
						from.note(
							each.service,
							Object.entries(each.zones).map(([name, clients]) => zone(name, clients)),
						);
					else if (each.do === "commit") from.commit();
					else if (each.do === "tell") tell(from, id, all);
					else if (each.do === "doubt") atOnce(all.doubt(id));
					else if (each.do === "forget") all.forget(id);
					else {
						// It ends before all is taken.
						const { services, ...versions } = from.changedSince(all.versionOf(id) ?? 0);
						const steps = all.take({ replica: id, ...versions, services: new Map(services) });
						for (let i = 0; i < each.steps; i++) steps.next();
						steps.return();
					}
				}
				for (const [i, each] of own.entries()) {
					each.commit();
					tell(each, String(i), all);
				}
				for (const service of ["web", "api", "db"]) {
					const expected: Record<string, [number, number]> = {};
					for (const each of own)
						for (const { zone: name, clients } of each.of(service)) {
							const before = expected[name]?.[0] ?? 0;
							expected[name] = [before + clients, before + clients];
						}
					expect(sum(all, service)).toEqual(expected);
				}
			}),
			randomRuns(1_000),
		);
	});
});

describe("what a replica tells", () => {
	it("is everything to who knows too little, or a version that there is not", () => {
		const own = new OwnDemand();
		for (let i = 0; i < 100; i++) {
			own.note(`s${i}`, [zone("a", 1)]);
			own.commit();
		}
		const told = (version: number) => {
			const { since, services } = own.changedSince(version);
			return [since, [...services].length];
		};
		expect([told(0), told(101), told(100), told(37), told(36), told(102)]).toEqual([
			[0, 100],
			[101, 0],
			[100, 1],
			[37, 64],
			[0, 100],
			[0, 100],
		]);
	});

	it("is waited for until it changes, nobody listens any more, or it is closed", async () => {
		const own = new OwnDemand();
		const never = new AbortController();
		const ends = [own.changed(1, never.signal), own.changed(1, AbortSignal.abort()), own.changed(0, never.signal)];
		await Promise.all(ends.slice(1));
		own.note("web", [zone("a", 1)]);
		own.commit();
		await ends[0];
		const closed = own.changed(2, never.signal);
		own.close();
		await closed;
		await own.changed(2, never.signal);
	});

	it("is no other version where nothing is another", () => {
		const own = new OwnDemand();
		own.note("web", [zone("b", 1), zone("a", 1)]);
		own.commit();
		own.note("web", [zone("a", 1), zone("b", 1)]);
		own.note("api", []);
		own.commit();
		expect(own.changedSince(0).version).toBe(2);
	});
});
