import type { Logger } from "pino";
import type { AdminSources } from "../../admin/admin-sources.js";
import type { DemandSource } from "../../admin/zones/demand-source.js";
import type { Cache } from "../../cache/cache.js";
import type { OwnDemand } from "../../cache/zones/own-demand.js";
import type { Config } from "../../config/config.js";
import { ReplicaSet } from "../../replicas/replica-set.js";
import type { SharedDemand } from "../../replicas/shared-demand.js";
import { DemandFile } from "../../state/demand-file.js";
import type { StateKeeper } from "../../state/state-keeper.js";
import { within } from "../../util/within.js";
import { logLine } from "../log/log-line.js";
import { followDemand } from "../services/follow-demand.js";
import { replicaEvents } from "./replica-log.js";

/** So long after the start no fewer clients count than before it: milliseconds. */
const KEEP_MS = 60_000;
/** How long the last writing may take when it ends. */
const LAST_MS = 2_000;

/** Where clients are, at this replica and the others, and where they were before the start. */
export class SharedCounting {
	readonly #replicas: ReplicaSet;
	readonly #log: Logger;
	#own: OwnDemand | undefined;
	#file: DemandFile | undefined;

	/** @param config as it is now. */
	constructor(config: () => Config, log: Logger) {
		this.#log = log;
		this.#replicas = new ReplicaSet(replicaEvents(log), () => config().xds.limits.zones);
		this.#replicas.apply(config().replicas);
	}

	/** The clients of the other replicas. */
	get others(): SharedDemand {
		return this.#replicas.demand;
	}

	/** @param own clients of this replica. */
	source(own: OwnDemand): DemandSource {
		const replicas = this.#replicas;
		this.#own = own;
		return {
			...{ id: replicas.self, own },
			get isShared() {
				return replicas.isShared;
			},
		};
	}

	states(): ReturnType<NonNullable<AdminSources["replicas"]>> {
		return { known: this.#replicas.demand.isKnown, replicas: this.#replicas.states() };
	}

	apply(replicas: Config["replicas"]): void {
		this.#replicas.apply(replicas);
	}

	/** Begins with where clients were before the start, and keeps on disk where they are from then on; nowhere unless given. */
	restore(directory: string | undefined, cache: Cache): void {
		if (directory === undefined) return;
		const log = this.#log;
		this.#file = new DemandFile(directory, () => cache.traffic.held(), {
			setAside: ({ file, reason }) =>
				logLine(log, "a state file cannot be used, or a part of it; it is set aside", { directory, file, reason }),
			failed: ({ message: error }) =>
				logLine(log, "the state cannot be kept on disk; it is tried again every 30 s", { directory, error }),
			recovered: () => logLine(log, "the state is kept on disk again", { directory }),
		});
		const demand = this.#file.load();
		if (demand.size === 0) return;
		cache.traffic.keep(demand, performance.now() + KEEP_MS);
		const services = demand.size;
		logLine(log, "clients count in each zone as before the start, until they are back", { services, directory });
	}

	/** Looks where clients are, again and again. @param signal ends it. */
	start(cache: Cache, signal: AbortSignal): void {
		this.#replicas.start(signal);
		followDemand(cache, signal, () => this.#file?.changed());
	}

	/** Who waits for a change is answered, and what counts is on disk. @param state lets the directory go after that. */
	async stop(state: StateKeeper | undefined): Promise<void> {
		this.#own?.close();
		const counted = within(LAST_MS, this.#file?.stop());
		await Promise.all([counted, state?.stop(counted)]);
	}
}
