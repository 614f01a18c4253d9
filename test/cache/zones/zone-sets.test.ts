import { beforeEach, describe, expect, it } from "vitest";
import { Cache, type EncodeService } from "../../../src/cache/cache.js";
import type { ResourceSet } from "../../../src/cache/resource-set.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { endpoint } from "../../../src/model/endpoint.js";
import type { SubsetSettings } from "../../../src/model/traffic/subset.js";
import { type Place, placeIn, placeOfGroup } from "../../../src/model/zones/place.js";
import type { ZoneSettings } from "../../../src/model/zones/zone-settings.js";
import { encodeServiceInSteps } from "../../../src/resources/encode-service.js";
import { EncodedResource } from "../../../src/resources/encoded-resource.js";
import { MAX_RESPONSE_BYTES } from "../../../src/resources/response-size.js";
import type { Family } from "../../../src/resources/view.js";
import { AccessRules } from "../../../src/server/access/access-rules.js";
import { atOnce } from "../../../src/util/steps.js";
import { serviceState } from "../../catalog/fake-provider.js";
import { type DecodedLocality, decodeMessage } from "../../resources/decode.js";
import { canonical } from "../../resources/decoded-assignment.js";

const A = placeIn({ region: "eu", zone: "a" });
const B = placeIn({ region: "eu", zone: "b" });

let services: Map<string, ServiceState>;
let cache: Cache;
let now: number;
let encoded: string[];

beforeEach(() => {
	now = 0;
	encoded = [];
	services = new Map();
	cache = new Cache({ get: (name) => services.get(name), services: () => services.values() }, encode);
	serve("zoned", ["a", "a", "b", "b"]);
	serve("plain", ["", ""]);
	encodes();
});

function serve(name: string, zones: readonly string[], settings?: ZoneSettings): void {
	const endpoints = zones.map((zone, i) =>
		endpoint({ address: `10.0.0.${i + 1}`, port: 80, locality: { region: zone && "eu", zone, subZone: "" } }),
	);
	const state = serviceState(name, { endpoints });
	services.set(name, { ...state, definition: { ...state.definition, zones: settings } });
	cache.update([name], now);
}

const encode: EncodeService = (type, view, definition, endpoints, options = {}) => {
	encoded.push(`${type.id} ${view} ${definition.name}${options.plan ? ` for ${options.plan.zone.zone}` : ""}`);
	return encodeServiceInSteps(type, view, definition, endpoints, options);
};

/** What was encoded since the last call. */
function encodes(): string[] {
	return encoded.splice(0);
}

/** A client more in the place. */
function subscribeIn(place: Place, view: Family = "grpc"): void {
	cache.acquire("eds", view, undefined, place).subscribe("zoned", { changed: () => {} });
}

function wait(seconds: number): void {
	for (let i = 0; i < seconds; i++) {
		now += 1_000;
		atOnce(cache.followDemand(now));
	}
}

describe("the sets of places", () => {
	it("share all with that of no place while nobody is there, and what is not split for ever", () => {
		const [all, ofA] = [cache.acquire("eds", "envoy"), cache.acquire("eds", "envoy", undefined, A)];
		expect(encodes()).toEqual(["eds envoy zoned", "eds envoy plain"]);
		for (const name of ["zoned", "plain"]) expect(ofA.get(name)).toBe(all.get(name));
		const told: string[] = [];
		for (const name of ["zoned", "plain"]) ofA.subscribe(name, { changed: (each) => told.push(each) });
		// With the clients of one zone alone all endpoints are needed, so these have what all have.
		wait(5);
		expect([encodes(), told]).toEqual([[], []]);
		subscribeIn(B);
		expect(encodes()).toEqual(["eds grpc zoned", "eds grpc plain", "eds grpc zoned for b"]);
		wait(5);
		expect([encodes(), told]).toEqual([["eds envoy zoned for a"], ["zoned"]]);
		expect(ofA.get("zoned")?.version).not.toBe(all.get("zoned")?.version);
		expect(ofA.get("plain")).toBe(all.get("plain"));
		// Two of Envoy's and two of gRPC's, and one of each place.
		expect(cache.count("eds")).toBe(6);
	});

	it("are encoded once a place in use, and again only where its clients go elsewhere", () => {
		for (const place of [A, B]) subscribeIn(place, "envoy");
		wait(5);
		encodes();
		serve("zoned", ["a", "a", "b", "b", "b"]);
		expect(encodes()).toEqual(["eds envoy zoned", "eds envoy zoned for a", "eds envoy zoned for b"]);
		wait(60);
		expect(encodes()).toEqual([]);
	});

	it("of some names have what those of all names have", () => {
		const scope = new AccessRules([{ identity: "*", services: ["zoned"] }], "hidden").scopeOf({
			identity: undefined,
			node: undefined,
		});
		const [ofA, some] = [cache.acquire("eds", "grpc", undefined, A), cache.acquire("eds", "grpc", scope, A)];
		some.subscribe("zoned", { changed: () => {} });
		subscribeIn(B);
		wait(5);
		expect(some.get("zoned")).toBe(ofA.get("zoned"));
		expect(some.get("zoned")?.version).not.toBe(cache.acquire("eds", "grpc").get("zoned")?.version);
		expect(some.get("plain")).toBeUndefined();
	});

	it("of some names of a group share what the group has, though the place is another object", () => {
		const many = Array.from({ length: 120 }, (_, i) => endpoint({ address: `10.0.1.${i}`, port: 80 }));
		const large = serviceState("large", { endpoints: canonical(many) });
		services.set("large", { ...large, definition: { ...large.definition, subset: { size: 20 } } });
		const scope = new AccessRules([{ identity: "*", services: ["large"] }], "hidden").scopeOf({
			identity: undefined,
			node: undefined,
		});
		const ofGroup = cache.acquire("eds", "envoy", undefined, placeOfGroup(7, undefined));
		encodes();
		const some = cache.acquire("eds", "envoy", scope, placeOfGroup(7, undefined));
		expect(encodes()).toEqual([]);
		expect(some.get("large")).toBe(ofGroup.get("large"));
	});

	it("have a share again that was too large in between", () => {
		let bytes = 0;
		const many = (count: number) =>
			canonical(Array.from({ length: count }, (_, i) => endpoint({ address: `10.0.1.${i}`, port: 80 })));
		const large = serviceState("large", { endpoints: many(120) });
		const sized: EncodeService = (type, _view, { name }, endpoints) =>
			new EncodedResource(type.url, name, new Uint8Array(endpoints.length === 120 ? 10 : bytes).fill(endpoints.length));
		const own = new Cache({ get: (name) => services.get(name), services: () => services.values() }, sized);
		const change = (size: number, length: number) => {
			bytes = length;
			services.set("large", { ...large, definition: { ...large.definition, subset: { size } } });
			own.update(["large"], now);
		};
		const [all, ofGroup] = [undefined, placeOfGroup(7, undefined)].map((place) => {
			return own.acquire("eds", "grpc", undefined, place) as ResourceSet;
		}) as [ResourceSet, ResourceSet];
		change(20, 11);
		const before = ofGroup.get("large")?.version;
		expect(before).not.toBe(all.get("large")?.version);
		change(40, MAX_RESPONSE_BYTES + 1);
		expect(ofGroup.get("large")).toBe(all.get("large"));
		change(20, 11);
		expect(ofGroup.get("large")?.version).toBe(before);
	});

	it("are by the same demand again at once when a zone was away for a moment", () => {
		const ofA = cache.acquire("eds", "envoy", undefined, A);
		for (const place of [A, B]) subscribeIn(place, "envoy");
		wait(5);
		const before = ofA.get("zoned")?.version;
		serve("zoned", ["a", "a"]);
		// Somebody comes for another service, so that all are looked at.
		ofA.subscribe("plain", { changed: () => {} });
		wait(3);
		expect(ofA.get("zoned")).toBe(cache.acquire("eds", "envoy").get("zoned"));
		serve("zoned", ["a", "a", "b", "b"]);
		expect(ofA.get("zoned")?.version).toBe(before);
		expect(ofA.get("zoned")).not.toBe(cache.acquire("eds", "envoy").get("zoned"));
	});

	it("are not encoded for other shares while nobody uses them, and that of no place stays", () => {
		cache.acquire("eds", "envoy", undefined, A);
		cache.release("eds", "envoy", undefined, A);
		for (const place of [A, B]) subscribeIn(place);
		encodes();
		wait(5);
		expect(encodes()).toEqual(["eds grpc zoned for a", "eds grpc zoned for b"]);
		cache.acquire("eds", "envoy");
		expect(encodes()).toEqual([]);
	});

	it("are by no demand from before once the service is gone", () => {
		for (const place of [A, B]) subscribeIn(place);
		wait(5);
		expect([...cache.traffic.held()].map(([name]) => name)).toEqual(["zoned"]);
		services.delete("zoned");
		cache.update(["zoned"], now);
		expect([...cache.traffic.held()]).toEqual([]);
		expect(cache.traffic.own.of("zoned")).toEqual([]);
	});

	it("are those of no place for types that do not differ", () => {
		const set = cache.acquire("cds", "envoy");
		expect(cache.acquire("cds", "envoy", undefined, A)).toBe(set);
		cache.release("cds", "envoy");
		cache.release("cds", "envoy", undefined, A);
		cache.update([], now);
		expect(cache.acquire("cds", "envoy")).not.toBe(set);
	});

	it("go when their users have gone, and what they were made of with them", () => {
		cache.acquire("eds", "envoy", undefined, A);
		cache.release("eds", "envoy", undefined, A);
		cache.update([], now);
		cache.update([], now);
		encodes();
		serve("zoned", ["b"]);
		expect(encodes()).toEqual([]);
	});

	it("are the same as those of no place where zones are off, at once", () => {
		const [all, ofA] = [cache.acquire("eds", "envoy"), cache.acquire("eds", "envoy", undefined, A)];
		for (const place of [A, B]) subscribeIn(place);
		wait(5);
		const zoned = services.get("zoned") as ServiceState;
		const switchTo = (zones: ZoneSettings) => {
			services.set("zoned", { ...zoned, definition: { ...zoned.definition, zones } });
			cache.update(["zoned"], now);
			return ofA.get("zoned") === all.get("zoned");
		};
		expect(switchTo({ mode: "off", minEndpoints: 2 })).toBe(true);
		expect(switchTo({ mode: "local", minEndpoints: 1 })).toBe(false);
		expect(cache.traffic.rowsOf(services.get("zoned") as ServiceState)).toMatchObject([
			{
				zone: "a",
				clients: 1,
				capacity: 0.5,
				demand: 0.5,
				keeps: 0.5,
				spills: 0,
				to: [{ zone: { zone: "a" }, share: 1 }],
			},
			{
				zone: "b",
				clients: 1,
				capacity: 0.5,
				demand: 0.5,
				keeps: 0.5,
				spills: 0,
				to: [{ zone: { zone: "b" }, share: 1 }],
			},
		]);
	});

	it("of groups have their part of the endpoints, by the shares of their zone, and the same where there is no part", () => {
		expect(cache.hasGroups).toBe(false);
		const changes: boolean[] = [];
		cache.onGroups = () => changes.push(cache.hasGroups);
		const many = Array.from({ length: 120 }, (_, i) =>
			endpoint({
				address: `10.0.1.${i}`,
				port: 80,
				locality: { region: "eu", zone: "ab"[i % 2] as string, subZone: "" },
			}),
		);
		const large = serviceState("large", { endpoints: canonical(many) });
		const serveLarge = (subset: SubsetSettings | undefined) => {
			services.set("large", { ...large, definition: { ...large.definition, subset } });
			cache.update(["large"], now);
		};
		serveLarge({ size: 20 });
		serve("plain", ["", ""]);
		const [ofA, ofGroup] = [A, placeOfGroup(7, A)].map((place) => cache.acquire("eds", "envoy", undefined, place));
		const [ofOther, ofNoZone] = [placeOfGroup(8, A), placeOfGroup(7, undefined)].map((place) =>
			cache.acquire("eds", "envoy", undefined, place),
		);
		for (const set of [ofGroup, cache.acquire("eds", "grpc", undefined, B)])
			set?.subscribe("large", { changed: () => {} });
		wait(5);
		expect([ofA, ofNoZone, ofGroup].map((set) => priorities(set as ResourceSet))).toEqual([[60, 60], [20], [10, 10]]);
		expect(ofOther?.get("large")?.version).not.toBe(ofGroup?.get("large")?.version);
		expect(ofGroup?.get("zoned")).toBe(ofA?.get("zoned"));
		encodes();
		serveLarge(undefined);
		expect(ofGroup?.get("large")).toBe(ofA?.get("large"));
		expect([changes, encodes()]).toEqual([[true, false], []]);
	});
});

/** How many endpoints of `large` each priority has. */
function priorities(set: ResourceSet): number[] {
	const value = set.get("large")?.value as Uint8Array;
	const decoded = decodeMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", value);
	const counts: number[] = [];
	for (const { priority = 0, lb_endpoints } of decoded.endpoints as DecodedLocality[])
		counts[priority] = (counts[priority] ?? 0) + lb_endpoints.length;
	return counts;
}
