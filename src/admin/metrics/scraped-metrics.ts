import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import type { ResourceProblem } from "../../cache/resource-problem.js";
import { REPLICA_STATES } from "../../replicas/replica-status.js";
import { TYPE_IDS, type TypeId } from "../../resources/resource-type.js";
import type { Family } from "../../resources/view.js";
import type { AdminSources } from "../admin-sources.js";
import { FAMILIES, MODES, type Mode } from "./metric-labels.js";

/** What the metrics look at when they are scraped. */
export type MetricsSources = Pick<
	AdminSources,
	| "version"
	| "services"
	| "registries"
	| "clients"
	| "connections"
	| "certificates"
	| "droppedLogLines"
	| "replicas"
	| "resources"
	| "withheld"
	| "unknownNames"
>;

/** As they were at the last scrape. */
export interface ClientCounts {
	clients(): Readonly<Record<"verified" | "claimed", number>>;
	streams(): Readonly<Record<TypeId, Readonly<Record<Mode, number>>>>;
	/** Those that reject something of the type. */
	rejecting(): Readonly<Record<TypeId, Readonly<Record<Family, number>>>>;
	withheld(): readonly ResourceProblem[];
	/** Different names that clients ask for and no service has. */
	unknownNames(): number;
}

/** Adds the metrics that are taken from the sources on each scrape. */
export function addScraped(registry: Registry, sources: MetricsSources, counts: ClientCounts): void {
	const registers = [registry];
	new Gauge({
		name: "fingerpost_build_info",
		help: "Always 1; the labels say what runs.",
		labelNames: ["version", "node"],
		registers,
	}).set({ version: sources.version, node: process.versions.node }, 1);
	new Gauge({
		name: "fingerpost_clients",
		help: "Connected clients; each stream is one.",
		registers,
		collect() {
			const { verified, claimed } = counts.clients();
			this.set(verified + claimed);
		},
	});
	new Gauge({
		name: "fingerpost_clients_by_identity",
		help: "Connected clients, by whether they have proved who they are.",
		labelNames: ["identity"],
		registers,
		collect() {
			for (const [identity, count] of Object.entries(counts.clients())) this.set({ identity }, count);
		},
	});
	new Gauge({
		name: "fingerpost_replicas",
		help: "Addresses of replicas, by what is known of their clients.",
		labelNames: ["state"],
		registers,
		collect() {
			for (const state of REPLICA_STATES) this.set({ state }, 0);
			for (const { state } of sources.replicas?.().replicas ?? []) this.inc({ state });
		},
	});
	new Gauge({
		name: "fingerpost_replica_clients",
		help: "Clients of other replicas that count for zones, each once a service that it asks for.",
		registers,
		collect() {
			const { replicas = [] } = sources.replicas?.() ?? {};
			this.set(replicas.reduce((sum, { clients }) => sum + clients, 0));
		},
	});
	new Gauge({
		name: "fingerpost_demand_known",
		help: "Whether it is known where the clients of the other replicas are: 0 while none of them answers.",
		registers,
		collect() {
			this.set(sources.replicas?.().known === false ? 0 : 1);
		},
	});
	new Gauge({
		name: "fingerpost_waiting_connections",
		help: "Connections that wait to be set up, because many came at once.",
		registers,
		collect() {
			this.set(sources.connections?.().waiting ?? 0);
		},
	});
	new Counter({
		name: "fingerpost_refused_connections_total",
		help: "Connections that were ended at once because too many waited, or that had waited too long.",
		registers,
		collect() {
			this.reset();
			this.inc(sources.connections?.().refused ?? 0);
		},
	});
	new Gauge({
		name: "fingerpost_certificate_not_after_timestamp_seconds",
		help: "When the certificate of a server expires, in seconds since 1970.",
		labelNames: ["listener"],
		registers,
		collect() {
			this.reset();
			for (const { listener, notAfter } of sources.certificates?.() ?? [])
				this.set({ listener }, Date.parse(notAfter) / 1_000);
		},
	});
	new Counter({
		name: "fingerpost_log_lines_dropped_total",
		help: "Lines that are missing in the log: its output took no more, or one peer caused too many.",
		labelNames: ["reason"],
		registers,
		collect() {
			this.reset();
			const { output, peer } = sources.droppedLogLines?.() ?? { output: 0, peer: 0 };
			this.inc({ reason: "output" }, output);
			this.inc({ reason: "peer" }, peer);
		},
	});
	new Gauge({
		name: "fingerpost_streams",
		help: "Streams that subscribe to a type.",
		labelNames: ["type", "mode"],
		registers,
		collect() {
			this.reset();
			for (const [type, modes] of Object.entries(counts.streams())) {
				for (const mode of MODES) this.set({ type, mode }, modes[mode]);
			}
		},
	});
	new Gauge({
		name: "fingerpost_resources",
		help: "Resources that are encoded: of the types in use, once for each family that asks for them.",
		labelNames: ["type"],
		registers,
		collect() {
			this.reset();
			for (const [type, count] of Object.entries(countResources(sources))) this.set({ type }, count);
		},
	});
	new Gauge({
		name: "fingerpost_unknown_names",
		help: "Names that clients ask for and that no service has.",
		registers,
		collect() {
			this.set(counts.unknownNames());
		},
	});
	new Gauge({
		name: "fingerpost_rejecting_clients",
		help: "Clients of the family that reject something of the type now.",
		labelNames: ["type", "family"],
		registers,
		collect() {
			this.reset();
			for (const [type, families] of Object.entries(counts.rejecting())) {
				for (const family of FAMILIES) this.set({ type, family }, families[family]);
			}
		},
	});
	new Gauge({
		name: "fingerpost_withheld_resources",
		help: "Resources that no client of the family has as they should be: all that were sent them reject them, or they are too large.",
		labelNames: ["type", "family"],
		registers,
		collect() {
			this.reset();
			for (const type of TYPE_IDS) for (const family of FAMILIES) this.set({ type, family }, 0);
			for (const { type, family } of counts.withheld()) this.inc({ type, family });
		},
	});
}

function countResources(sources: MetricsSources): Readonly<Record<string, number>> {
	if (sources.resources) return sources.resources();
	let services = 0;
	for (const _ of sources.services()) services++;
	return Object.fromEntries(TYPE_IDS.map((type) => [type, services]));
}
