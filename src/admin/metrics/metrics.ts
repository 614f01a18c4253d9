import { Counter, Gauge, Registry } from "@prometheus-io/client";
import type { ResourceProblem } from "../../cache/resource-problem.js";
import { COUNTED_LIMITS, type LimitName } from "../../model/limits.js";
import { TYPE_IDS, type TypeId } from "../../resources/resource-type.js";
import { forEachType } from "../../resources/resource-types.js";
import type { Family } from "../../resources/view.js";
import { inSlices, type Turns } from "../../util/slices.js";
import { compareMetrics } from "./compare-metrics.js";
import { DurationHistogram } from "./duration-histogram.js";
import { endpointMetrics } from "./endpoint-metrics.js";
import { FAMILIES, MODES, type Mode } from "./metric-labels.js";
import { processMetrics } from "./process-metrics.js";
import { registryMetrics } from "./registry-metrics.js";
import { addScraped, type MetricsSources } from "./scraped-metrics.js";
import { serviceMetrics } from "./service-metrics.js";
import { targetMetrics } from "./target-metrics.js";

/** Seconds: from a local push to a client that was away for a while. */
const CONVERGENCE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Seconds: a source that is asked every 5 minutes, too. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Fingerpost's metrics: counters that the server moves, and gauges that are taken from the sources on each scrape. */
export class Metrics {
	readonly #registry = new Registry();
	readonly #sources: MetricsSources;
	/** There is one a push and stream: they are plain numbers until the next scrape. */
	readonly #pushes = forEachType(() => ({ sotw: 0, delta: 0 }));
	readonly #acks = forEachType(() => 0);
	readonly #nacks: Counter<"type" | "family">;
	readonly #limits: Counter<"limit">;
	readonly #refusals: Counter<"listener">;
	readonly #unproven: Counter;
	readonly #polls: Counter<"type" | "status">;
	readonly #convergence = new DurationHistogram(
		"fingerpost_convergence_seconds",
		"From a change in the catalog to a client's ACK of it.",
		["type", "family"],
		CONVERGENCE_BUCKETS,
	);
	readonly #latency = new DurationHistogram(
		"fingerpost_source_latency_seconds",
		"From a change in the source, by its own time where it tells it, to a client's ACK of it.",
		["provider", "type"],
		LATENCY_BUCKETS,
	);
	readonly #holds: Counter;
	readonly #reloads: Counter<"result">;
	readonly #lastReload: Gauge;
	/** As they were at the last scrape. */
	#clients = { verified: 0, claimed: 0 };
	#streams = forEachType(() => ({ sotw: 0, delta: 0 }));
	#rejecting = forEachType(() => ({ envoy: 0, grpc: 0 }));
	#withheld: readonly ResourceProblem[] = [];
	#unknownNames = 0;

	constructor(sources: MetricsSources) {
		this.#sources = sources;
		const registers = [this.#registry];
		const [pushes, acks] = [this.#pushes, this.#acks];
		new Counter({
			name: "fingerpost_pushes_total",
			help: "Responses sent because something changed, without having been asked for.",
			labelNames: ["type", "mode"],
			registers,
			collect() {
				this.reset();
				for (const [type, counts] of Object.entries(pushes)) {
					for (const mode of MODES) this.inc({ type, mode }, counts[mode]);
				}
			},
		});
		new Counter({
			name: "fingerpost_acks_total",
			help: "Responses that clients accepted.",
			labelNames: ["type"],
			registers,
			collect() {
				this.reset();
				for (const [type, count] of Object.entries(acks)) this.inc({ type }, count);
			},
		});
		this.#nacks = new Counter({
			name: "fingerpost_nacks_total",
			help: "Responses that clients rejected.",
			labelNames: ["type", "family"],
			registers,
		});
		this.#limits = new Counter({
			name: "fingerpost_limits_reached_total",
			help: "Streams that were refused or slowed down because they asked for more than a limit allows.",
			labelNames: ["limit"],
			registers,
		});
		this.#unproven = new Counter({
			name: "fingerpost_unauthenticated_total",
			help: "Calls and polls that were refused, as who made them has proved nothing.",
			registers,
		});
		this.#refusals = new Counter({
			name: "fingerpost_tls_refusals_total",
			help: "Connections that ended in the TLS handshake, by the server.",
			labelNames: ["listener"],
			registers,
		});
		this.#polls = new Counter({
			name: "fingerpost_rest_polls_total",
			help: "Requests by REST, by the HTTP status of the answer.",
			labelNames: ["type", "status"],
			registers,
		});
		this.#holds = new Counter({
			name: "fingerpost_holds_total",
			help: "How often endpoints were held because too many of a target would have gone at once.",
			registers,
		});
		this.#reloads = new Counter({
			name: "fingerpost_config_reloads_total",
			help: "Reloads of the config file, by result.",
			labelNames: ["result"],
			registers,
		});
		this.#lastReload = new Gauge({
			name: "fingerpost_config_last_reload_success_timestamp_seconds",
			help: "When the config in use was read, in seconds since 1970.",
			registers,
		});
		this.#startAtZero();
		addScraped(this.#registry, sources, {
			clients: () => this.#clients,
			streams: () => this.#streams,
			rejecting: () => this.#rejecting,
			withheld: () => this.#withheld,
			unknownNames: () => this.#unknownNames,
		});
	}

	/** The media type of render(). */
	get contentType(): string {
		return this.#registry.contentType;
	}

	/** Everything in Prometheus's text format, the process's own metrics last. */
	async *chunks(turns: Turns): AsyncGenerator<string> {
		yield* inSlices(this.#countClients(), turns);
		yield* inSlices(this.#countWithheld(), turns);
		yield `${await this.#registry.metrics()}\n`;
		yield* this.#convergence.lines();
		yield* this.#latency.lines();
		yield* inSlices(serviceMetrics(this.#sources.services(), this.#sources.registries?.() ?? []), turns);
		yield* inSlices(endpointMetrics(this.#sources.services()), turns);
		yield* inSlices(targetMetrics(this.#sources.services()), turns);
		yield* inSlices(registryMetrics(this.#sources.registries?.() ?? []), turns);
		yield* inSlices(compareMetrics(this.#sources.services()), turns);
		yield processMetrics().metrics();
	}

	/** A response went out that was not asked for, because something changed. */
	pushed(type: TypeId, mode: Mode): void {
		this.#pushes[type][mode]++;
	}

	acked(type: TypeId): void {
		this.#acks[type]++;
	}

	nacked(type: string, family: Family): void {
		this.#nacks.inc({ type, family });
	}

	/** A client asked for more than the limit allows. */
	limited(limit: LimitName): void {
		this.#limits.inc({ limit });
	}

	/** A TLS handshake failed. */
	refused(listener: string): void {
		this.#refusals.inc({ listener });
	}

	/** A call or poll was refused: who made it has proved nothing. */
	unproven(): void {
		this.#unproven.inc();
	}

	/** A poll by REST was answered. @param status of HTTP. */
	polled(type: string, status: number): void {
		this.#polls.inc({ type, status });
	}

	/** @param seconds from the change in the catalog to the client's ACK */
	converged(type: TypeId, family: Family, seconds: number): void {
		this.#convergence.of(type, family).observe(seconds);
	}

	/** A client has what a source of the provider changed so long ago. */
	sourceAcked(provider: string, type: TypeId, seconds: number): void {
		this.#latency.of(provider, type).observe(seconds);
	}

	/** Endpoints of so many targets are held from now on. */
	held(targets: number): void {
		this.#holds.inc(targets);
	}

	/** The config was read, at the start too; a failed one changes nothing. */
	reloaded(result: "success" | "failure"): void {
		this.#reloads.inc({ result });
		if (result === "success") this.#lastReload.setToCurrentTime();
	}

	/** So that a rate over the first event is not lost. */
	#startAtZero(): void {
		for (const type of TYPE_IDS) {
			for (const status of [200, 304]) this.#polls.inc({ type, status }, 0);
			for (const family of FAMILIES) {
				this.#nacks.inc({ type, family }, 0);
				this.#convergence.of(type, family);
			}
		}
		for (const limit of COUNTED_LIMITS) this.#limits.inc({ limit }, 0);
		for (const listener of ["xds", "admin"]) this.#refusals.inc({ listener }, 0);
		for (const result of ["success", "failure"]) this.#reloads.inc({ result }, 0);
	}

	*#countClients(): Iterable<string> {
		const clients = { verified: 0, claimed: 0 };
		const streams = forEachType(() => ({ sotw: 0, delta: 0 }));
		const rejecting = forEachType(() => ({ envoy: 0, grpc: 0 }));
		for (const client of this.#sources.clients()) {
			clients[client.identity ? "verified" : "claimed"]++;
			for (const type of TYPE_IDS) {
				const status = client.types[type];
				if (status) streams[type][status.mode]++;
				if (status?.nacked) rejecting[type][client.family]++;
			}
			yield "";
		}
		this.#clients = clients;
		this.#streams = streams;
		this.#rejecting = rejecting;
	}

	*#countWithheld(): Iterable<string> {
		this.#withheld = this.#sources.withheld ? yield* this.#sources.withheld() : [];
		this.#unknownNames = this.#sources.unknownNames ? yield* this.#sources.unknownNames() : 0;
	}
}
