import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../src/cache/resource-set.js";
import type { OtherDemand, SeenDemand } from "../../../src/cache/zones/other-demand.js";
import { type PlaceSet, ZoneTraffic } from "../../../src/cache/zones/zone-traffic.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { endpoint } from "../../../src/model/endpoint.js";
import { placeIn, placeOfGroup } from "../../../src/model/zones/place.js";
import type { ZoneDemand } from "../../../src/model/zones/zone-balance.js";
import type { ZoneSettings } from "../../../src/model/zones/zone-settings.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { serviceState } from "../../catalog/fake-provider.js";

const A = placeIn({ region: "eu", zone: "a" });
const B = placeIn({ region: "eu", zone: "b" });
const LOCAL: ZoneSettings = { mode: "local", minEndpoints: 1 };

/** What other replicas say of `web`. */
class Others implements OtherDemand {
	isKnown = true;
	said: readonly SeenDemand[] = [];
	changed: string[] = [];

	of(service: string): Iterable<SeenDemand> {
		return service === "web" ? this.said : [];
	}

	takeChanged(): Iterable<string> {
		return this.changed.splice(0);
	}
}

let others: Others;
let traffic: ZoneTraffic;
let sets: PlaceSet[];
let now: number;

beforeEach(() => {
	others = new Others();
	traffic = new ZoneTraffic(others);
	sets = [A, B, undefined].map((place) => ({ place, set: new ResourceSet(resourceType("eds")) }));
	now = 0;
});

function serviceIn(zones: string, settings: ZoneSettings = LOCAL, name = "web"): ServiceState {
	const endpoints = [...zones].map((zone, i) =>
		endpoint({ address: `10.0.0.${i + 1}`, port: 80, locality: { region: "eu", zone, subZone: "" } }),
	);
	const state = serviceState(name, { endpoints });
	return { ...state, definition: { ...state.definition, zones: settings } };
}

const WEB = serviceIn("aabb");
const OFF = serviceIn("aabb", { mode: "off", minEndpoints: 1 });

function zone(name: string, clients: number, most?: number): SeenDemand {
	return { region: "eu", zone: name, clients, ...(most !== undefined && { most }) };
}

/** A client asks for the service. @returns what ends that. */
function come(where: number, name = "web"): () => void {
	const { set } = sets[where] as PlaceSet;
	const subscriber = { changed: () => {} };
	set.subscribe(name, subscriber);
	return () => set.unsubscribe(name, subscriber);
}

/** Looks at it once a second. @returns how often something else counted. */
function look(seconds: number, service = WEB): number {
	let changes = 0;
	for (let i = 0; i < seconds; i++, now += 1_000) if (traffic.look(service, sets, now)) changes++;
	return changes;
}

const due = () => traffic.due(sets, () => ["all"], now);
const held = () => Object.fromEntries([...traffic.held()].map(([name, zones]) => [name, zones.map(zoneText)]));
const zoneText = ({ zone, clients }: ZoneDemand) => `${zone}${clients}`;
const rows = (service = WEB) =>
	traffic.rowsOf(service)?.map(({ zone, clients, allClients, demand, keeps, spills }) => {
		return { zone, clients, allClients, demand, keeps, spills };
	});

describe("the traffic of zones", () => {
	it("is shown with the clients of this replica and of all, and has no demand before these count", () => {
		for (const where of [0, 0, 2]) come(where);
		others.said = [zone("a", 1), zone("b", 1)];
		expect(look(1)).toBe(0);
		const [a, b] = [
			{ zone: "a", clients: 2, allClients: 3 },
			{ zone: "b", clients: 0, allClients: 1 },
		];
		expect(rows()).toMatchObject([
			{ ...a, demand: 0 },
			{ ...b, demand: 0 },
		]);
		expect(look(2)).toBe(1);
		expect(rows()).toEqual([
			{ ...a, demand: 0.75, keeps: 0.5, spills: 0.25 },
			{ ...b, demand: 0.25, keeps: 0.25, spills: 0 },
		]);
		expect([rows(OFF), rows(serviceIn("aa")), rows({ ...WEB, known: false })]).toEqual([
			undefined,
			undefined,
			undefined,
		]);
	});

	it("is that of own clients alone where no other replica has any, and of nobody while these are not known", () => {
		come(0);
		come(1);
		look(3);
		expect(rows()?.map(({ clients, allClients }) => [clients, allClients])).toEqual([
			[1, 1],
			[1, 1],
		]);
		expect(held()).toEqual({ web: ["a1", "b1"] });
		others.said = [zone("b", 3)];
		expect(rows()?.map(({ allClients }) => allClients)).toEqual([1, 4]);
		others.isKnown = false;
		expect([look(1), held()]).toEqual([1, {}]);
	});

	it("falls no further than to those that may still be there, with those that are", () => {
		come(0);
		come(0);
		others.said = [zone("a", 10), zone("b", 10)];
		look(3);
		expect(held()).toEqual({ web: ["a12", "b10"] });
		others.said = [zone("a", 0, 4), zone("b", 10)];
		expect([look(40), held()]).toEqual([1, { web: ["a6", "b10"] }]);
	});

	it("is that of a part of the clients where groups tell more places of a zone apart", () => {
		sets = [
			{ place: A, set: new ResourceSet(resourceType("eds")) },
			{ place: placeOfGroup(7, A), set: new ResourceSet(resourceType("eds")) },
		];
		for (const where of [0, 1, 1]) come(where);
		look(3);
		expect(held()).toEqual({ web: ["a3"] });
		expect(traffic.own.of("web")).toEqual([zone("a", 3)]);
	});
});

describe("the services to look at", () => {
	it("are all where somebody comes or goes, else none", () => {
		expect(traffic.due([], () => ["all"], 0)).toEqual([]);
		expect([due(), due()]).toEqual([["all"], []]);
		const leave = come(1);
		expect([due(), due()]).toEqual([["all"], []]);
		leave();
		expect([due(), due()]).toEqual([["all"], []]);
		sets.pop();
		expect([due(), due()]).toEqual([["all"], []]);
	});

	it("are all where others are known or are not known any more", () => {
		due();
		others.isKnown = false;
		expect([due(), due()]).toEqual([["all"], []]);
		others.isKnown = true;
		expect([due(), due()]).toEqual([["all"], []]);
	});

	it("are those of which others say something else, and those that do not count yet, each once", () => {
		const leave = [come(0), come(1)];
		due();
		others.changed = ["api"];
		expect([due(), due()]).toEqual([["api"], []]);
		look(1);
		others.changed = ["web", "api"];
		expect([due(), due()]).toEqual([["web", "api"], ["web"]]);
		look(2);
		expect(due()).toEqual([]);
		for (const each of leave) each();
		due();
		look(1);
		expect(due()).toEqual(["web"]);
		look(40);
		expect([due(), held()]).toEqual([[], {}]);
	});

	it("are those that clients of a place were to be given a share of, and nobody counts", () => {
		due();
		expect([traffic.shareOf(WEB, A), due()]).toEqual([undefined, ["web"]]);
	});
});

describe("what counted before the start", () => {
	const keep = () => traffic.keep(new Map([["web", [zone("a", 5), zone("b", 1)]]]), 60_000);

	it("counts until its time is over, though nobody has asked", () => {
		keep();
		now = 59_999;
		due();
		expect(held()).toEqual({ web: ["a5", "b1"] });
		now = 60_000;
		due();
		expect(held()).toEqual({});
	});

	it("is what clients get their share by, and is looked at from then on", () => {
		keep();
		due();
		expect(traffic.shareOf(WEB, A)?.plan?.zone.zone).toBe("a");
		expect([held(), due()]).toEqual([{ web: ["a5", "b1"] }, ["web"]]);
		expect([look(60), held()]).toEqual([0, { web: ["a5", "b1"] }]);
		expect([look(40), held()]).toEqual([1, {}]);
	});

	it("is forgotten with the service", () => {
		keep();
		traffic.forget("web");
		expect(held()).toEqual({});
		expect(traffic.shareOf(WEB, A)).toBeUndefined();
	});
});

describe("a service", () => {
	it("of which zones are off, or that is gone, has no clients that count, nor any that others are told of", () => {
		for (const end of [() => look(1, OFF), () => traffic.forget("web")]) {
			come(0);
			look(3);
			expect(traffic.own.of("web")).toHaveLength(1);
			come(0);
			look(1);
			end();
			expect([held(), traffic.own.of("web")]).toEqual([{}, []]);
			due();
			expect(due()).toEqual([]);
		}
	});

	it("whose zones are off was never looked at", () => {
		come(0);
		expect([look(3, OFF), held(), traffic.own.of("web")]).toEqual([0, {}, []]);
	});

	it("of one zone has clients that count only where they did before", () => {
		const [one, two] = [serviceIn("aa"), WEB];
		const leave = come(0);
		look(3, one);
		expect([held(), traffic.own.of("web")]).toEqual([{}, []]);
		look(3, two);
		look(3, one);
		expect([held(), traffic.own.of("web")]).toEqual([{ web: ["a1"] }, [zone("a", 1)]]);
		leave();
		look(40, one);
		come(0);
		look(3, one);
		expect([held(), traffic.own.of("web")]).toEqual([{}, []]);
	});

	it("has a plan for each place, made once while all that it is made of is the same", () => {
		come(0);
		come(1);
		const plan = (service = WEB) => traffic.shareOf(service, A)?.plan;
		look(3);
		const made = plan();
		expect([made?.zone.zone, plan()]).toEqual(["a", made]);
		expect(plan()).toBe(made);
		const fewer = plan({ ...WEB, definition: { ...WEB.definition, zones: { mode: "local", minEndpoints: 4 } } });
		expect(fewer?.key).not.toBe(made?.key);
		expect(plan(serviceIn("aabbb"))?.key).not.toBe(made?.key);
		expect(plan()?.key).toBe(made?.key);
		expect(traffic.shareOf(WEB, A)?.key).toBe(` ${made?.key}`);
		const again = plan();
		expect([look(1), plan() === again]).toEqual([0, true]);
		for (let i = 0; i < 8; i++) come(0);
		expect([look(3), plan()?.key === made?.key]).toEqual([1, false]);
	});
});
