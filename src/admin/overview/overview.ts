import { hostname } from "node:os";
import { serviceJson } from "../admin-json.js";
import type { AdminSources } from "../admin-sources.js";
import { problemsByName } from "../problem-json.js";
import { sourceJson } from "../target-json.js";
import {
	LEVELS,
	type WrongJson,
	wrongWithClient,
	wrongWithConfig,
	wrongWithReplicas,
	wrongWithService,
	wrongWithSource,
} from "../wrong.js";
import { replicaJson } from "../zones/replica-json.js";

/** Of each level, as many are told; all are counted. */
const MAX_TOLD = 100;
/** Characters of a message. */
const MAX_MESSAGE = 1_000;

/** `GET /api/v1/overview` */
export interface OverviewJson {
	readonly version: string;
	readonly host: string;
	readonly pid: number;
	readonly startedAt: string;
	readonly uptimeSeconds: number;
	readonly ready: boolean;
	readonly services: Counts<"total" | "synced" | "stale" | "unknown" | "removing" | "problems">;
	readonly endpoints: Counts<"total" | "ready" | "held">;
	readonly targets: Counts<SourceState>;
	readonly registries: Counts<SourceState>;
	readonly clients: Counts<"total" | "envoy" | "grpc" | "synced" | "pending" | "rejected" | "missing" | "asksNothing">;
	/** The worst first. */
	readonly wrong: readonly WrongJson[];
	readonly wrongCount: number;
}

type SourceState = "connecting" | "synced" | "stale" | "failed";
type Counts<K extends string> = Readonly<Record<K, number>>;
type Counting<T> = { -readonly [K in keyof T]: T[K] };

/** In pieces: each service and client is looked at when it is its turn. */
export function* overview(sources: AdminSources): Iterable<string> {
	const found = new Found();
	const services = { total: 0, synced: 0, stale: 0, unknown: 0, removing: 0, problems: 0 };
	const endpoints = { total: 0, ready: 0, held: 0 };
	const [targets, registries] = [noSources(), noSources()];
	const config = sources.config?.();
	if (config) found.add(wrongWithConfig(config), null, null);
	const problems = problemsByName(sources.problems ? yield* sources.problems() : []);
	for (const service of sources.services()) {
		const json = serviceJson(service, () => "", problems.get(service.name));
		services.total++;
		services[json.state]++;
		endpoints.total += json.endpoints.total;
		endpoints.ready += json.endpoints.ready;
		endpoints.held += json.endpoints.held;
		for (const { state } of json.targets) targets[state]++;
		if (found.add(wrongWithService(json), json.name, null) > 0) services.problems++;
		found.add(
			json.notes.map((message) => ({ level: "note", kind: "note", message, since: null })),
			json.name,
			null,
		);
		yield "";
	}
	for (const registry of sources.registries?.() ?? []) {
		registries[registry.state]++;
		found.add(wrongWithSource(sourceJson(registry)), null, null);
	}
	const { known = true, replicas = [] } = sources.replicas?.() ?? {};
	found.add(wrongWithReplicas({ known, replicas: replicas.map(replicaJson) }), null, null);
	const clients = yield* countClients(sources, found);
	const { version } = sources;
	const uptimeSeconds = Math.round(process.uptime());
	const startedAt = new Date(Date.now() - uptimeSeconds * 1_000).toISOString();
	const self = { version, host: hostname(), pid: process.pid, startedAt, uptimeSeconds, ready: sources.canServe() };
	const counts = { services, endpoints, targets, registries, clients };
	yield JSON.stringify({ ...self, ...counts, ...found.json() } satisfies OverviewJson);
	yield "\n";
}

function* countClients(sources: AdminSources, found: Found): Generator<string, OverviewJson["clients"]> {
	const counts = { total: 0, envoy: 0, grpc: 0, synced: 0, pending: 0, rejected: 0, missing: 0, asksNothing: 0 };
	for (const client of sources.clients()) {
		counts.total++;
		counts[client.family]++;
		const types = Object.values(client.types);
		if (types.some(({ nacked }) => nacked)) counts.rejected++;
		else if (types.some(({ asksNothing }) => asksNothing)) counts.asksNothing++;
		else if (types.some(({ missing }) => missing.length > 0)) counts.missing++;
		else if (types.every(({ synced }) => synced)) counts.synced++;
		else counts.pending++;
		found.add(wrongWithClient(client), null, client.node);
		yield "";
	}
	return counts;
}

function noSources(): Counting<Counts<SourceState>> {
	return { connecting: 0, synced: 0, stale: 0, failed: 0 };
}

/** What is wrong, as far as there is room for it. */
class Found {
	readonly #byLevel: Readonly<Record<WrongJson["level"], WrongJson[]>> = { error: [], warning: [], note: [] };
	#count = 0;

	/** @returns how many there were */
	add(all: Iterable<Omit<WrongJson, "service" | "node">>, service: string | null, node: string | null): number {
		const before = this.#count;
		for (const { level, kind, message, since } of all) {
			this.#count++;
			const known = this.#byLevel[level];
			if (known.length >= MAX_TOLD) continue;
			known.push({ level, kind, service, node, message: message.slice(0, MAX_MESSAGE), since });
		}
		return this.#count - before;
	}

	json(): Pick<OverviewJson, "wrong" | "wrongCount"> {
		return { wrong: LEVELS.flatMap((level) => this.#byLevel[level]), wrongCount: this.#count };
	}
}
