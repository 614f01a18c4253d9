import type { Logger } from "pino";
import type { HistorySources } from "../../admin/history/history-sources.js";
import type { Metrics } from "../../admin/metrics/metrics.js";
import type { Cache } from "../../cache/cache.js";
import type { Catalog, ServiceChange } from "../../catalog/catalog.js";
import { History } from "../../catalog/history/history.js";
import type { Registry } from "../../providers/registry.js";
import { encodeService } from "../../resources/encode-service.js";
import { TYPE_IDS, type TypeId } from "../../resources/resource-type.js";
import { resourceType } from "../../resources/resource-types.js";
import type { SentResponse } from "../../server/protocol/acks/response-log.js";
import type { StreamIdentity } from "../../server/transport/server-events.js";
import type { XdsServer } from "../../server/xds-server.js";
import type { Steps } from "../../util/steps.js";
import type { ConfigStatus } from "../config-status.js";
import { shownError } from "../log/shown.js";
import { AckLog } from "./ack-log.js";
import { AckWatch } from "./ack-watch.js";
import { locateEndpoints } from "./locate-endpoints.js";
import { SourceTimes } from "./source-times.js";
import { ChangeTraces } from "./traces/change-traces.js";
import { loadTracing } from "./traces/load-tracing.js";

interface Parts {
	readonly catalog: Catalog;
	readonly cache: Cache;
	readonly registry: Registry;
	readonly config: ConfigStatus;
	/** Made after this. */
	readonly xds: () => XdsServer;
	readonly metrics: () => Metrics;
}

/** What services were, and who had that: for who asks, and for the metrics. */
export class ServiceMemory {
	readonly #parts: Parts;
	readonly #history: History;
	readonly #watch: AckWatch;
	readonly #acks = new AckLog();
	readonly #times = new SourceTimes();
	/** Undefined where nobody wants traces. */
	#traces: ChangeTraces | undefined;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#history = new History({
			versionOf: (name) => parts.cache.inUse("eds", "envoy", name)?.version,
			encode: ({ definition, endpoints }) => encodeService(resourceType("eds"), "envoy", definition, endpoints).version,
		});
		this.#watch = new AckWatch(
			() => parts.xds().unsettledStreams,
			(names) => {
				this.#history.ackedByAll(names);
				this.#traces?.done(names);
			},
		);
	}

	/** Traces changes from when it resolves, where the program has an SDK for that; nothing is waited for where it has none. */
	trace(log: Logger): Promise<void> | undefined {
		return loadTracing(log)?.then((tracing) => {
			if (tracing) this.#traces = new ChangeTraces(tracing);
		});
	}

	/** Call when the caches have them. @param at as a CatalogListener is told. */
	*changed(changes: readonly ServiceChange[], at: number): Steps<void> {
		yield* this.#history.record(changes);
		this.#traces?.changed(changes, at);
		this.#watch.changed(changes.map(({ name }) => name));
		this.#times.changed(changes, at);
	}

	/** A client has acknowledged a response. @param seconds since the change; undefined where it only answers a request. */
	acked(
		stream: StreamIdentity,
		type: TypeId,
		seconds: number | undefined,
		response: Pick<SentResponse, "since" | "sentAt">,
	): void {
		const { since, sentAt = 0 } = response;
		if (type === "eds") this.#acks.acked(stream.node, sentAt);
		if (seconds === undefined || since === undefined) return;
		this.#traces?.acked(stream, type, response);
		for (const [provider, lag] of this.#times.lags(since)) {
			this.#parts.metrics().sourceAcked(provider, type, seconds + lag / 1_000);
		}
	}

	/** Every client has all that it asks for. */
	allSettled(): void {
		this.#watch.allSettled();
	}

	/** A client has rejected one. @param error its own text. */
	nacked(stream: StreamIdentity, type: TypeId, response: Pick<SentResponse, "since" | "sentAt">, error: string): void {
		this.#traces?.nacked(stream, type, response, shownError(error));
	}

	get sources(): HistorySources {
		const history = this.#history;
		const { catalog, cache, registry, config } = this.#parts;
		return {
			changesOf: (name) => history.changesOf(name),
			changedAt: (name) => history.changedAt(name),
			last: (name) => history.last(name),
			endpointsBefore: (name, isAfter) => history.endpointsBefore(name, catalog.get(name)?.endpoints ?? [], isAfter),
			versions(name) {
				const service = catalog.get(name);
				if (!service) return [];
				return TYPE_IDS.flatMap((type) =>
					(["envoy", "grpc"] as const).map((family) => {
						return { type, family, version: cache.versionOf(type, family, service) };
					}),
				);
			},
			locate: (name, signal) => locateEndpoints(catalog.get(name), { registry, configFile: config.fileInUse, signal }),
			ackedAfter: (node, at) => this.#acks.after(node, at),
			pin: (name, pin) => catalog.pin(name, pin) !== undefined,
			release: (name) => catalog.pin(name, undefined),
		};
	}

	stop(): void {
		this.#history.stop();
		this.#watch.stop();
		this.#traces?.stop();
	}
}
