import { randomUUID } from "node:crypto";
import { messageOf } from "../util/errors.js";
import { addressesOf } from "../util/net/addresses-of.js";
import { pause, withinLimit } from "../util/time-limit.js";
import { Replica, type ReplicaCircle, type ReplicaTimes } from "./replica.js";
import { ReplicaClient } from "./replica-client.js";
import {
	MAX_REPLICAS,
	type ReplicaAddress,
	type ReplicaPlace,
	type ReplicaSettings,
	replicaName,
} from "./replica-settings.js";
import type { ReplicaState, ReplicaStatus } from "./replica-status.js";
import { SharedDemand } from "./shared-demand.js";

/** What is told of replicas. */
export interface ReplicaEvents {
	/** It is another state than before. */
	changed(replica: ReplicaStatus, before: ReplicaState): void;
	/** Names cannot be looked up; told once until that changes. */
	lookUpFailed(name: string, error: string): void;
	/** Whether it is known where the clients of others are, or nobody has others. */
	known(isKnown: boolean): void;
}

const TIMES: ReplicaTimes = { wait: 20_000, pace: 500, keep: 60_000, self: 60_000, lookUp: 5_000 };
const LOOK_UP_LIMIT_MS = 5_000;

interface Running {
	readonly replica: Replica;
	readonly end: AbortController;
	/** The address in the config that it is of. */
	readonly of: string;
}

/** The other replicas: where they are, and what each says of its clients. */
export class ReplicaSet {
	/** What this process calls itself. */
	readonly self = randomUUID();
	readonly demand = new SharedDemand();
	readonly #events: ReplicaEvents;
	readonly #times: ReplicaTimes;
	readonly #maxZones: () => number;
	#settings: ReplicaSettings | undefined;
	#client: ReplicaClient | undefined;
	/** By which settings it asks. */
	#how = "";
	#started: AbortSignal | undefined;
	#following = new AbortController();
	/** By where they are. */
	readonly #running = new Map<string, Running>();
	/** The places that are looked for, by the addresses in the config; undefined for one that was not found yet. */
	readonly #found = new Map<string, readonly ReplicaPlace[] | undefined>();
	readonly #problems = new Map<string, string>();

	/** @param maxZones so many a replica may name. */
	constructor(events: ReplicaEvents, maxZones: () => number, times: Partial<ReplicaTimes> = {}) {
		this.#events = events;
		this.#maxZones = maxZones;
		this.#times = { ...TIMES, ...times };
	}

	/** Whether there may be others. */
	get isShared(): boolean {
		return this.#settings !== undefined;
	}

	/** Asks the replicas of these settings from now on, or from start() on. Those that stay are not lost. */
	apply(settings: ReplicaSettings | undefined): void {
		if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
		this.#settings = settings;
		this.#follow();
	}

	/** @param signal ends it. */
	start(signal: AbortSignal): void {
		this.#started = signal;
		signal.addEventListener("abort", () => this.#end(), { once: true });
		this.#follow();
	}

	/** In the order of the config; after them names that cannot be looked up. */
	states(): readonly ReplicaStatus[] {
		const replicas = [...this.#running.values()].map(({ replica }) => replica.status());
		const failed = [...this.#problems].map(([address, error]): ReplicaStatus => {
			return { address, state: "failed", id: undefined, clients: 0, lastSuccess: undefined, error };
		});
		return [...replicas, ...failed];
	}

	#follow(): void {
		this.#following.abort();
		this.#following = new AbortController();
		const { admin = [], ...access } = this.#settings ?? {};
		const how = JSON.stringify(access);
		if (!this.#client || how !== this.#how) {
			this.#client?.close();
			this.#client = new ReplicaClient(access);
			this.#how = how;
		}
		const wanted = new Set(admin.map(replicaName));
		for (const [place, { of, end }] of this.#running) {
			if (wanted.has(of)) continue;
			this.#running.delete(place);
			end.abort();
		}
		for (const of of [...this.#found.keys(), ...this.#problems.keys()]) {
			if (wanted.has(of)) continue;
			this.#found.delete(of);
			this.#problems.delete(of);
		}
		for (const address of admin)
			if (!this.#found.has(replicaName(address))) this.#found.set(replicaName(address), undefined);
		this.#look();
		if (this.#started && !this.#started.aborted) for (const address of admin) void this.#lookUp(address);
	}

	#end(): void {
		this.#following.abort();
		for (const { end } of this.#running.values()) end.abort();
		this.#client?.close();
	}

	async #lookUp(address: ReplicaAddress): Promise<void> {
		const { signal } = this.#following;
		const name = replicaName(address);
		const late = () => new Error(`no answer within ${LOOK_UP_LIMIT_MS / 1_000} s`);
		while (!signal.aborted) {
			try {
				const hosts = await withinLimit({ ms: LOOK_UP_LIMIT_MS, late, signal }, () => addressesOf(address.host));
				const places = hosts.map((host) => ({
					...address,
					host,
					servername: host === address.host ? undefined : address.host,
				}));
				this.#found.set(name, places);
				this.#problems.delete(name);
				for (const place of places) this.#run(place, name);
				if (this.#running.size >= MAX_REPLICAS) throw new Error(`there are ${MAX_REPLICAS} addresses already`);
			} catch (error) {
				if (signal.aborted) return;
				// Of a name that is not there nobody is a replica; else those that are known stay.
				if ((error as NodeJS.ErrnoException).code === "ENOTFOUND") this.#found.set(name, []);
				const reason = messageOf(error);
				if (!this.#problems.has(name)) this.#events.lookUpFailed(name, reason);
				this.#problems.set(name, reason);
			}
			this.#look();
			await pause(this.#times.lookUp, signal).catch(() => {});
		}
	}

	#run(place: ReplicaPlace, of: string): void {
		const key = `${replicaName(place)} ${place.servername ?? ""}`;
		if (this.#running.has(key) || this.#running.size >= MAX_REPLICAS) return;
		const replica = new Replica(place, this.#circle(of));
		const end = new AbortController();
		const running = { replica, end, of };
		this.#running.set(key, running);
		void replica.run(end.signal).finally(() => {
			if (this.#running.get(key) === running) this.#running.delete(key);
			this.#look();
		});
	}

	#circle(of: string): ReplicaCircle {
		return {
			...{ self: this.self, demand: this.demand, times: this.#times, maxZones: this.#maxZones() },
			client: () => this.#client as ReplicaClient,
			isWanted: ({ place }) => this.#found.get(of)?.some(({ host }) => host === place.host) ?? true,
			isTaken: (id, by) =>
				[...this.#running.values()].some(
					({ replica }) =>
						replica !== by && replica.id === id && (replica.state === "synced" || replica.state === "stale"),
				),
			changed: (replica, before) => {
				this.#events.changed(replica.status(), before);
				this.#look();
			},
		};
	}

	/** Whether it is known by now where the clients of the others are. */
	#look(): void {
		const isKnown = this.#isKnown();
		if (isKnown === this.demand.isKnown) return;
		this.demand.isKnown = isKnown;
		if (this.#started) this.#events.known(isKnown);
	}

	#isKnown(): boolean {
		if (!this.#settings) return true;
		const others = [...this.#running.values()].map(({ replica }) => replica).filter(({ state }) => state !== "self");
		if (others.some(({ state }) => state === "synced" || state === "stale")) return true;
		const isFound = [...this.#found.values()].every((places) => places !== undefined);
		// What counted before others were named counts until these were asked; at the start nothing did.
		if (!isFound || others.some(({ state }) => state === "connecting")) return !!this.#started && this.demand.isKnown;
		return others.every(({ isGone }) => isGone);
	}
}
