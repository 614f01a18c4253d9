import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cache } from "../../../src/cache/cache.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import { type Place, placeIn } from "../../../src/model/zones/place.js";
import { planFor, serviceZones, type ZonePlan } from "../../../src/model/zones/zone-plan.js";
import { DEFAULT_ZONES, type ZoneSettings } from "../../../src/model/zones/zone-settings.js";
import type { EncodedResource } from "../../../src/resources/encoded-resource.js";
import type { ResourceType, TypeId } from "../../../src/resources/resource-type.js";
import { RESOURCE_TYPES } from "../../../src/resources/resource-types.js";
import type { Family } from "../../../src/resources/view.js";
import type { Mode } from "../../../src/server/wire/mode.js";
import { atOnce } from "../../../src/util/steps.js";
import { serviceState } from "../../catalog/fake-provider.js";
import { histories, NAMES, World } from "../../server/model-world.js";
import { readContent, resourceOf } from "../../server/protocol/transcripts/content.js";
import { PeerServer, SessionPeer } from "../../server/protocol/transcripts/session-peer.js";

const VIEWS: readonly Family[] = ["envoy", "grpc"];
/** The last one is the region alone. */
const CLIENT_ZONES = ["a", "b", "c", ""].map((zone) => ({ region: "eu", zone }));
const PLACES = CLIENT_ZONES.map(placeIn);

/** Endpoints in each zone; in the last one some name none. */
const LAYOUTS = [
	[3, 3, 3],
	[6, 1, 1],
	[0, 4, 4],
	[2, 0, 0],
	[1, 2, 3, 1],
];

function endpointsOf(layout: readonly number[], seed: number): readonly Endpoint[] {
	return layout.flatMap((count, i) =>
		Array.from({ length: count }, (_, n) => {
			const zone = "abc"[i] ?? "";
			return endpoint({ address: `10.${i}.${seed}.${n}`, port: 80, locality: { region: "eu", zone, subZone: "" } });
		}),
	);
}

function contentOf(endpoints: readonly Endpoint[], plan: ZonePlan | undefined): string {
	return `${endpoints.map(({ address }) => address).join()} ${plan?.key ?? "as all"}`;
}

/** What a resource says is which endpoints it was made of, and by which plan. */
function encode(
	type: ResourceType,
	_view: string,
	{ name }: { readonly name: string },
	endpoints: readonly Endpoint[],
	{ plan }: { readonly plan?: ZonePlan | undefined } = {},
): EncodedResource {
	return resourceOf(type, name, contentOf(endpoints, plan));
}

const name = fc.constantFrom(...NAMES);
const names = fc.uniqueArray(name, { maxLength: 3 });
const who = fc.nat(5);
const ZONES: fc.Arbitrary<ZoneSettings | undefined> = fc.constantFrom(
	undefined,
	{ ...DEFAULT_ZONES, mode: "off" as const },
	{ mode: "local" as const, minEndpoints: 1 },
);
const event = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant("serve" as const),
			name,
			layout: fc.nat(LAYOUTS.length - 1),
			seed: fc.nat(3),
			zones: ZONES,
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("switch" as const), name, zones: ZONES }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), name }) },
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant("join" as const),
			place: fc.nat(PLACES.length),
			view: fc.constantFrom(...VIEWS),
			names,
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), who }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("subscribe" as const), who, add: names, drop: names }) },
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant("exchange" as const),
			who,
			count: fc.constantFrom<1 | 100>(1, 100),
			bad: fc.boolean(),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const), who, keeps: fc.boolean() }) },
	{ weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 3, 12, 45) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

interface Client {
	readonly place: Place | undefined;
	readonly world: World;
}

/** Services, and clients of some zones and of none, with a cache and real sessions between them. */
class ZonedWorld {
	readonly #mode: Mode;
	readonly #services = new Map<string, ServiceState>();
	readonly #cache = new Cache(
		{ get: (each) => this.#services.get(each), services: () => this.#services.values() },
		encode,
	);
	readonly #servers = new Map<string, PeerServer>();
	readonly #clients: Client[] = [];
	#now = 0;

	constructor(mode: Mode) {
		this.#mode = mode;
	}

	apply(step: Event): void {
		const { world } = ("who" in step && this.#clients[step.who % Math.max(1, this.#clients.length)]) || {};
		switch (step.do) {
			case "serve": {
				const endpoints = endpointsOf(LAYOUTS[step.layout] as number[], step.seed);
				this.#set(step.name, serviceState(step.name, { endpoints }), step.zones);
				return;
			}
			case "switch": {
				const before = this.#services.get(step.name);
				if (before) this.#set(step.name, before, step.zones);
				return;
			}
			case "remove":
				this.#services.delete(step.name);
				this.#cache.update([step.name], this.#now);
				return;
			case "join":
				if (this.#clients.length < 6) this.#join(PLACES[step.place], step.view, step.names);
				return;
			case "leave":
				if (world) this.#leave(world);
				return;
			case "subscribe":
				world?.apply({ do: "subscribe", type: "eds", add: step.add, drop: step.drop });
				return;
			case "reconnect":
				world?.apply({ do: "reconnect", keeps: step.keeps });
				return;
			case "exchange":
				world?.apply({ do: "write", count: step.count });
				world?.apply({ do: "read", count: step.count, bad: step.bad });
				return;
			case "wait":
				this.wait(step.seconds);
		}
	}

	wait(seconds: number): void {
		for (let i = 0; i < seconds; i++) {
			this.#now += 1_000;
			atOnce(this.#cache.followDemand(this.#now));
		}
	}

	/** Everybody has, and nobody is sent more than, what there is for its zone. */
	check(): void {
		this.wait(45);
		for (const { world } of this.#clients) world.settle();
		// What clients asked for meanwhile counts, too.
		this.wait(45);
		for (const { world, place } of this.#clients) {
			world.settle();
			world.check();
			for (const each of NAMES) {
				const resource = world.peer.set("eds").get(each);
				const content = resource && readContent(resource.value).content;
				expect(content, `${each} for ${place?.key}`).toBe(this.#expected(each, place));
			}
		}
		this.wait(90);
		for (const { world } of this.#clients) expect(world.write(1), "a push though nothing changed").toBe(0);
		for (const { world } of this.#clients.splice(0)) world.peer.close();
	}

	#set(of: string, state: ServiceState, zones: ZoneSettings | undefined): void {
		this.#services.set(of, { ...state, definition: { ...state.definition, zones } });
		this.#cache.update([of], this.#now);
	}

	#join(place: Place | undefined, view: Family, asked: readonly string[]): void {
		const key = `${view} ${place?.key}`;
		let server = this.#servers.get(key);
		if (!server) {
			const types: TypeId[] = RESOURCE_TYPES.map(({ id }) => id);
			const sets = new Map(types.map((id) => [id, this.#cache.acquire(id, view, undefined, place)]));
			server = Object.assign(new PeerServer(), { sets });
			this.#servers.set(key, server);
		}
		const world = new World(this.#mode, undefined, new SessionPeer(server));
		this.#clients.push({ place, world });
		world.apply({ do: "subscribe", type: "eds", add: [...asked], drop: [] });
	}

	#leave(world: World): void {
		world.peer.close();
		this.#clients.splice(
			this.#clients.findIndex((each) => each.world === world),
			1,
		);
	}

	/** By the arithmetic alone, from where clients are now: of so few each one counts. */
	#expected(of: string, place: Place | undefined): string | undefined {
		const service = this.#services.get(of);
		if (!service) return undefined;
		const { endpoints, definition } = service;
		const { mode, minEndpoints } = definition.zones ?? DEFAULT_ZONES;
		const zones = mode === "local" ? serviceZones(endpoints) : undefined;
		const demand = CLIENT_ZONES.map((zone) => {
			const { key } = placeIn(zone);
			const sets = VIEWS.map((view) => this.#servers.get(`${view} ${key}`)?.sets.get("eds"));
			return { ...zone, clients: sets.reduce((sum, set) => sum + (set?.asking.count(of) ?? 0), 0) };
		});
		const isKnown = demand.some(({ clients }) => clients > 0);
		return contentOf(
			endpoints,
			place?.zone && zones && isKnown ? planFor(place.zone, zones, demand, minEndpoints) : undefined,
		);
	}
}

describe.each<Mode>(["sotw", "delta"])("%s clients in zones", (mode) => {
	it("have what is for their zone, whatever came first: they, the service, or its zones", () => {
		fc.assert(
			fc.property(fc.array(event, { minLength: 1, maxLength: 40, size: "max" }), (steps) => {
				const world = new ZonedWorld(mode);
				for (const step of steps) world.apply(step);
				world.check();
			}),
			histories(2_000, `zones, ${mode}`),
		);
	});
});
