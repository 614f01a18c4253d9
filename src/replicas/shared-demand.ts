import type { OtherDemand, SeenDemand } from "../cache/zones/other-demand.js";
import { zoneKey } from "../model/zones/zone.js";
import type { ZoneDemand } from "../model/zones/zone-balance.js";
import type { Steps } from "../util/steps.js";
import type { ReplicaAnswer } from "./replica-answer.js";

/** Zones of a service that all other replicas may bring; those of more are left out. */
const MAX_ZONES = 1_024;
/** Services that are looked at in a step. */
const STEP = 100;

/** What a replica says of a service. */
interface Said {
	readonly zones: readonly ZoneDemand[];
	/** Whether the clients are there: else nobody can tell. */
	readonly isSure: boolean;
}

interface Peer {
	version: number;
	readonly services: Map<string, Said>;
}

type Sums = Map<string, SeenDemand & { readonly most: number }>;

/** What all other replicas say of their clients, summed up as they say it. */
export class SharedDemand implements OtherDemand {
	/** Whether somebody of them was heard, or there are none. */
	isKnown = true;
	readonly #peers = new Map<string, Peer>();
	readonly #sums = new Map<string, Sums>();
	#changed = new Set<string>();

	of(service: string): Iterable<SeenDemand> {
		return this.#sums.get(service)?.values() ?? [];
	}

	takeChanged(): Iterable<string> {
		const changed = this.#changed;
		this.#changed = new Set();
		return changed;
	}

	/** What is known of the replica; undefined for one that was not heard. */
	versionOf(id: string): number | undefined {
		return this.#peers.get(id)?.version;
	}

	/** How many clients of a replica count, each once a service. */
	clientsOf(id: string): number {
		let count = 0;
		for (const { zones } of this.#peers.get(id)?.services.values() ?? [])
			for (const { clients } of zones) count += clients;
		return count;
	}

	/** Takes an answer, which is about all or about what has changed since versionOf(). */
	*take({ replica, version, since, services }: ReplicaAnswer): Steps<void> {
		const peer = this.#peers.get(replica) ?? { version: 0, services: new Map() };
		this.#peers.set(replica, peer);
		// Until all of it is taken: what has changed since then says not enough.
		peer.version = 0;
		let steps = 0;
		for (const [name, zones] of services) {
			this.#put(peer, name, zones, true);
			if (++steps % STEP === 0) yield;
		}
		for (const [name, { zones, isSure }] of [...peer.services]) {
			if (since === 0 && !services.has(name)) this.#put(peer, name, [], true);
			else if (!isSure) this.#put(peer, name, zones, true);
			if (++steps % STEP === 0) yield;
		}
		peer.version = version;
	}

	/** The replica does not answer: from now on its clients keep what counts from falling, and raise nothing. */
	*doubt(id: string): Steps<void> {
		const peer = this.#peers.get(id);
		let steps = 0;
		for (const [name, { zones, isSure }] of [...(peer?.services ?? [])]) {
			if (isSure) this.#put(peer as Peer, name, zones, false);
			if (++steps % STEP === 0) yield;
		}
	}

	/** The clients of the replica do not count any more. */
	forget(id: string): void {
		const peer = this.#peers.get(id);
		if (!peer) return;
		for (const name of [...peer.services.keys()]) this.#put(peer, name, [], true);
		this.#peers.delete(id);
	}

	#put(peer: Peer, name: string, zones: readonly ZoneDemand[], isSure: boolean): void {
		const sums: Sums = this.#sums.get(name) ?? new Map();
		const before = peer.services.get(name);
		for (const each of before?.zones ?? []) add(sums, each, -1, before?.isSure === true);
		const taken: ZoneDemand[] = [];
		for (const each of zones) {
			if (each.clients === 0 || (sums.size >= MAX_ZONES && !sums.has(zoneKey(each)))) continue;
			add(sums, each, 1, isSure);
			taken.push(each);
		}
		if (taken.length === 0) peer.services.delete(name);
		else peer.services.set(name, { zones: taken, isSure });
		if (sums.size === 0) this.#sums.delete(name);
		else this.#sums.set(name, sums);
		this.#changed.add(name);
	}
}

function add(sums: Sums, zone: ZoneDemand, sign: 1 | -1, isSure: boolean): void {
	const key = zoneKey(zone);
	const { clients = 0, most = 0 } = sums.get(key) ?? {};
	const sum = { ...zone, clients: clients + (isSure ? sign * zone.clients : 0), most: most + sign * zone.clients };
	if (sum.most === 0) sums.delete(key);
	else sums.set(key, sum);
}
