import { Cache } from "../../../src/cache/cache.js";
import type { ResourceSet } from "../../../src/cache/resource-set.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import { type Place, placeIn } from "../../../src/model/zones/place.js";
import { zoneOf } from "../../../src/model/zones/zone.js";
import type { ZonePlan } from "../../../src/model/zones/zone-plan.js";
import type { TypeId } from "../../../src/resources/resource-type.js";
import { RESOURCE_TYPES, resourceType } from "../../../src/resources/resource-types.js";
import type { Mode } from "../../../src/server/wire/mode.js";
import { atOnce } from "../../../src/util/steps.js";
import { serviceState } from "../../catalog/fake-provider.js";
import { resourceOf } from "../protocol/transcripts/content.js";
import type { RequestStep } from "../protocol/transcripts/parse-transcript.js";
import type { Response } from "../protocol/transcripts/read-response.js";
import { PeerServer, SessionPeer } from "../protocol/transcripts/session-peer.js";

const REGION = "eu";
const TYPES: readonly TypeId[] = RESOURCE_TYPES.map(({ id }) => id);

interface Client {
	readonly peer: SessionPeer;
	readonly place: Place | undefined;
	readonly responses: Response[];
	/** The version of a type that it has ACKed last. */
	readonly accepted: Map<TypeId, string>;
}

/** Services, the cache of a server, and clients in zones with a stream each. Requests and responses pass as real bytes. */
export class ZonedClients {
	readonly #services = new Map<string, ServiceState>();
	readonly #cache = new Cache(
		{ get: (name) => this.#services.get(name), services: () => this.#services.values() },
		(type, _view, { name }, endpoints, { plan } = {}) =>
			resourceOf(type, name, type.id === "eds" ? contentOf(endpoints, plan) : "1"),
	);
	readonly #clients = new Map<string, Client>();
	#now = 0;

	/** @param zones how many endpoints each has. */
	serve(name: string, zones: readonly (readonly [zone: string, endpoints: string])[]): void {
		const endpoints = zones.flatMap(([zone, count]) =>
			Array.from({ length: Number(count) }, (_, i) => {
				const address = `10.0.${zone.charCodeAt(0)}.${i}`;
				return endpoint({ address, port: 80, locality: { region: REGION, zone, subZone: "" } });
			}),
		);
		this.#services.set(name, serviceState(name, { endpoints }));
		this.#cache.update([name], this.#now);
	}

	wait(seconds: number): void {
		for (let i = 0; i < seconds; i++) {
			this.#now += 1_000;
			atOnce(this.#cache.followDemand(this.#now));
		}
	}

	/** @param zone of the client; its region alone where it is `-`, and nowhere where it is not given. */
	open(name: string, mode: Mode, zone: string | undefined): void {
		this.close(name);
		const said = zone === undefined ? undefined : { region: REGION, zone: zone === "-" ? "" : zone };
		const of = zoneOf(said);
		const place = of && placeIn(of);
		const sets = new Map<TypeId, ResourceSet>();
		for (const type of TYPES) sets.set(type, this.#cache.acquire(type, "envoy", undefined, place));
		const peer = new SessionPeer(Object.assign(new PeerServer(), { sets }));
		peer.open(mode);
		this.#clients.set(name, { peer, place, responses: [], accepted: new Map() });
	}

	close(name: string): void {
		const client = this.#clients.get(name);
		if (!client) return;
		client.peer.close();
		for (const type of TYPES) this.#cache.release(type, "envoy", undefined, client.place);
		this.#clients.delete(name);
	}

	closeAll(): void {
		for (const name of [...this.#clients.keys()]) this.close(name);
	}

	request(name: string, { type, names, have, answer }: RequestStep): void {
		const { peer, responses, accepted } = this.#of(name);
		const answered = answer && responses.findLast((each) => each.type.id === type);
		if (answer && !answered) throw new Error(`${name} has no response of ${type} to answer`);
		if (answered) accepted.set(type, answered.version);
		const nonce = answered?.nonce ?? "";
		if (peer.mode === "sotw") {
			peer.send({ type, names, nonce, version: accepted.get(type) ?? "" });
			return;
		}
		const withSign = (sign: string) => names.filter((each) => each.startsWith(sign)).map((each) => each.slice(1));
		const initialVersions = Object.fromEntries(
			have.map(([each, content]) => [each, resourceOf(resourceType(type), each, content).version]),
		);
		peer.send({ type, names: withSign("+"), unsubscribe: withSign("-"), initialVersions, nonce });
	}

	/** What is due, as the lines of a transcript: of the clients in order. */
	take(): string[] {
		const lines: string[] = [];
		for (const [name, { peer, responses }] of this.#clients) {
			for (let response = peer.next(); response; response = peer.next()) {
				responses.push(response);
				const removed = response.removed.map((each) => `-${each}`);
				const items = [...[...response.resources].map(([each, content]) => `${each}=${content}`), ...removed];
				lines.push([`${name}<`, response.type.id, ...items.sort()].join(" "));
			}
		}
		return lines;
	}

	#of(name: string): Client {
		const client = this.#clients.get(name);
		if (!client) throw new Error(`${name} has no stream`);
		return client;
	}
}

/** `a2b1@all`: the endpoints in each zone, and that they are for all; `a2b1@a:75+b:25`: where the client's traffic goes, in per cent. */
function contentOf(endpoints: readonly Endpoint[], plan: ZonePlan | undefined): string {
	const zones = Map.groupBy(endpoints, ({ locality }) => locality.zone);
	const counts = [...zones].map(([zone, members]) => `${zone}${members.length}`).join("");
	const shares = [...(plan?.shares.get(0) ?? [])].map(
		([key, share]) => `${key.slice(key.indexOf("\0") + 1)}:${Number((share * 100).toFixed(1))}`,
	);
	return `${counts}@${plan ? shares.join("+") : "all"}`;
}
