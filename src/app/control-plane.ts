import { type Logger, pino } from "pino";
import type { AdminServer } from "../admin/admin-server.js";
import { EventHub } from "../admin/events/event-hub.js";
import { Metrics } from "../admin/metrics/metrics.js";
import { Cache } from "../cache/cache.js";
import { Catalog } from "../catalog/catalog.js";
import type { DiscoveredServices } from "../catalog/discover/discovered-services.js";
import { settled } from "../catalog/settled.js";
import type { Config } from "../config/config.js";
import { asConfig } from "../config/load.js";
import { OwnServices, type ServiceOptions } from "../config/own/own-service.js";
import type { ConfigInput } from "../config/schema.js";
import type { EndpointInput } from "../input/given/endpoint-input.js";
import { ProviderSet } from "../providers/provider-set.js";
import { Registry } from "../providers/registry.js";
import type { RestServer } from "../server/rest/rest-server.js";
import { FanOut, type StreamFanOut } from "../server/transport/fan-out.js";
import { XdsServer } from "../server/xds-server.js";
import type { StateKeeper } from "../state/state-keeper.js";
import { FingerpostError } from "../util/errors.js";
import type { Steps } from "../util/steps.js";
import { IDENTIFIER } from "../util/version.js";
import { adminServing } from "./admin-serving.js";
import { adminSources } from "./admin-sources.js";
import { ConfigStatus } from "./config-status.js";
import type { Addresses, ControlPlaneOptions } from "./control-plane-options.js";
import { discovery } from "./discovery.js";
import { ServiceMemory } from "./history/service-memory.js";
import { catalogTimes } from "./keep/catalog-times.js";
import { openState } from "./keep/open-state.js";
import { listenOnAll } from "./listen/listen-on-all.js";
import { ClientLog } from "./log/client-log.js";
import { logLine } from "./log/log-line.js";
import { logLookUps } from "./log/look-up-log.js";
import { warnOfOpenPorts } from "./log/open-ports.js";
import { logProblem } from "./log/problem-log.js";
import { NearestServices } from "./nearest-services.js";
import { needingRestart } from "./needing-restart.js";
import { perTypeCaches } from "./per-type-caches.js";
import { Readiness } from "./readiness.js";
import { SharedCounting } from "./replicas/shared-counting.js";
import { restServing } from "./rest-serving.js";
import { Security } from "./security/security.js";
import { applyConfig } from "./services/apply-config.js";
import { followCatalog } from "./services/follow-catalog.js";
import { Takeover } from "./services/takeover.js";
import { streamEvents } from "./stream-log.js";

/** How long start() waits for the sources' first answers before it serves without them: 1 s. */
const FIRST_ANSWERS_MS = 1_000;

/** Wires providers, catalog, cache, xDS server and admin API together. */
export class ControlPlane implements AsyncDisposable {
	#config: Config;
	readonly #log: Logger;
	readonly #clientLog: ClientLog;
	readonly #registry: Registry;
	readonly #providers: ProviderSet;
	readonly #catalog: Catalog;
	readonly #discovered: DiscoveredServices;
	readonly #own: OwnServices;
	readonly #cache: Cache;
	readonly #metrics: Metrics;
	readonly #configStatus: ConfigStatus;
	readonly #lookUpLog: Disposable;
	readonly #xds: XdsServer;
	readonly #rest: RestServer;
	readonly #admin: AdminServer;
	readonly #health: AdminServer | undefined;
	readonly #security: Security;
	readonly #memory: ServiceMemory;
	readonly #counting: SharedCounting;
	#state: StateKeeper | undefined;
	readonly #abort = new AbortController();
	readonly #takeover: Takeover<Config>;
	#started: Promise<Addresses> | undefined;
	readonly #readiness: Readiness;
	#namesRevision = 0;

	/**
	 * @param written a config that was loaded (see loadConfig), or an object with the keys of the config file.
	 * @throws InvalidConfig with every problem of an object at once.
	 */
	constructor(written: Config | ConfigInput, options: ControlPlaneOptions = {}) {
		const { registry = new Registry(), log = pino({ level: "silent" }), droppedLogLines } = options;
		const config = asConfig(written, { registry });
		[this.#config, this.#own] = [config, new OwnServices(config.defaults)];
		this.#log = log;
		this.#clientLog = new ClientLog(log);
		this.#lookUpLog = logLookUps(log);
		this.#registry = registry;
		registry.maxEndpoints = config.maxEndpoints;
		this.#providers = new ProviderSet(registry);
		this.#catalog = new Catalog(registry, catalogTimes(config));
		this.#counting = new SharedCounting(() => this.#config, log);
		this.#cache = new Cache(this.#catalog, undefined, (problem) => logProblem(log, problem), this.#counting.others);
		const security = new Security(config, { log, clientLog: this.#clientLog, metrics: () => this.#metrics });
		const events = new EventHub();
		this.#configStatus = new ConfigStatus(options.configFile);
		const parts = { registry, catalog: this.#catalog, cache: this.#cache, config: this.#configStatus };
		const memory = new ServiceMemory({ ...parts, metrics: () => this.#metrics, xds: () => this.#xds });
		const sources = adminSources({
			...parts,
			discovered: () => this.#discovered,
			xds: () => this.#xds,
			...{ security, memory, demand: this.#counting },
			namesRevision: () => this.#namesRevision,
			canServe: () => this.#readiness.canServe,
			droppedLogLines: () => ({ output: droppedLogLines?.() ?? 0, peer: this.#clientLog.suppressed }),
		});
		const metrics = new Metrics(sources);
		[this.#security, this.#metrics, this.#memory] = [security, metrics, memory];
		const [nearest, perType] = [new NearestServices(this.#catalog), perTypeCaches(this.#catalog, config.xds.cluster)];
		const told = streamEvents({ log, clients: this.#clientLog, metrics, events, nearest, security, memory });
		const fanOut: StreamFanOut = new FanOut();
		const serving = { perType, fanOut, authentication: security.authentication, identifier: IDENTIFIER };
		this.#xds = new XdsServer(this.#cache, told, { ...config.xds, ...serving });
		const common = { log, clientLog: this.#clientLog, metrics, security };
		const rest = restServing(config.xds, { ...common, services: this.#catalog, shared: this.#cache });
		this.#rest = rest.server;
		({ admin: this.#admin, health: this.#health } = adminServing(config.admin, { ...common, sources, events }));
		const caches = [this.#cache, rest.cache, perType.sotw, perType.delta];
		const found = { syncDeadline: () => this.#config.syncDeadline, onChange: () => this.#readiness.look() };
		this.#discovered = discovery({ registry, catalog: this.#catalog, caches, log, ...found });
		const failed = (error: FingerpostError) => this.reloadFailed(error);
		this.#takeover = new Takeover((to) => this.#takeOver(to), failed, this.#abort.signal);
		this.#readiness = new Readiness(this.#catalog, this.#discovered, () => this.#xds.ready());
		const followers = { caches, fanOut, log, events, metrics, memory, readiness: this.#readiness };
		const later = { othersThere: () => void this.#namesRevision++, state: () => this.#state };
		followCatalog(this.#catalog, { ...followers, ...later });
	}

	/**
	 * Watches the sources, waits up to a second for their first answers, and serves. Called again, it gives the same.
	 * @throws FingerpostError LISTEN_FAILED, CLOSED after stop(); AbortError if stop() came meanwhile. All is freed then.
	 */
	start(): Promise<Addresses> {
		this.#started ??= this.#start();
		return this.#started;
	}

	/**
	 * Makes the program the source of a service: these are its endpoints, until they are set again, before start() too.
	 * A service of that name in the config is replaced, and a reload does not touch it.
	 * @throws InvalidEndpoints and InvalidConfig with every problem; FingerpostError CLOSED after stop(). What was set stays.
	 */
	set(name: string, endpoints: readonly EndpointInput[], options: ServiceOptions = {}): void {
		this.#mustBeOpen();
		this.#catalog.set(this.#own.read(name, endpoints, options));
	}

	/**
	 * Ends what set() began: the service stays for the removal grace and goes then, or is the config's again where that
	 * has one of the name. False if nothing was set.
	 * @throws FingerpostError CLOSED after stop().
	 */
	unset(name: string): boolean {
		this.#mustBeOpen();
		this.#own.forget(name);
		return this.#catalog.unset(name);
	}

	/**
	 * Takes over a new config: at once, and the rest of one with thousands of changed services in slices; the log tells
	 * when it is done. Addresses to listen on stay as they were: those need a restart.
	 * @throws InvalidConfig; the present config stays then. FingerpostError CLOSED after stop().
	 */
	reload(written: Config | ConfigInput): void {
		this.#mustBeOpen();
		const config = asConfig(written, { registry: this.#registry });
		for (const service of this.#own.setDefaults(config.defaults)) this.#catalog.set(service);
		for (const { key, message } of needingRestart(this.#config, config)) logLine(this.#log, message, { key });
		this.#config = config;
		this.#catalog.setTimes(catalogTimes(config));
		this.#registry.maxEndpoints = config.maxEndpoints;
		for (const server of [this.#xds, this.#rest]) server.apply(config.xds);
		this.#counting.apply(config.replicas);
		this.#takeover.take(config);
	}

	*#takeOver(config: Config): Steps<void> {
		const parts = { providers: this.#providers, catalog: this.#catalog, discovered: this.#discovered };
		if (this.#started !== undefined) yield* applyConfig(config, parts);
		this.#metrics.reloaded("success");
		this.#configStatus.reloaded();
		logLine(this.#log, "config reloaded", { services: config.services.size });
	}

	/** A config could not be taken over: the present one stays. */
	reloadFailed(error: Error): void {
		this.#metrics.reloaded("failure");
		this.#configStatus.failed(error);
		logLine(this.#log, "the new config is not valid; the last one stays in use", { error: error.message });
	}

	/** What the ready line says. */
	counts(): { readonly services: number; readonly endpoints: number } {
		const services = [...this.#catalog.services()];
		return { services: services.length, endpoints: services.reduce((sum, each) => sum + each.endpoints.length, 0) };
	}

	/** Ends streams in order, then everything else. */
	async stop(): Promise<void> {
		this.#abort.abort();
		const written = this.#counting.stop(this.#state);
		for (const each of [this.#catalog, this.#discovered, this.#memory]) each.stop();
		await Promise.all([written, this.#xds.stop(), this.#rest.stop(), this.#admin.stop(), this.#health?.stop()]);
		for (const each of [this.#clientLog, this.#lookUpLog]) each[Symbol.dispose]();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}

	async #start(): Promise<Addresses> {
		this.#mustBeOpen();
		try {
			const { signal } = this.#abort;
			const { directory } = this.#config.state ?? {};
			if (directory !== undefined) this.#state = await openState(directory, this.#catalog, this.#log, signal);
			this.#counting.restore(directory, this.#cache);
			signal.throwIfAborted();
			// What was set before is watched by now.
			this.#catalog.rewatch(this.#providers.apply(this.#config.providers));
			this.#catalog.apply(this.#config.services);
			await Promise.all([this.#security.start(signal), this.#memory.trace(this.#log)]);
			this.#discovered.apply(this.#config.discover ?? []);
			await this.#discovered.settled(FIRST_ANSWERS_MS, signal);
			await settled(this.#catalog, FIRST_ANSWERS_MS, signal);
			signal.throwIfAborted();
			const servers = { admin: this.#admin, health: this.#health, xds: this.#xds, rest: this.#rest };
			const addresses = await listenOnAll(this.#config, servers, this.#security.xds);
			// A stop that came meanwhile could not close what was not open yet.
			signal.throwIfAborted();
			this.#readiness.listens();
			this.#counting.start(this.#cache, signal);
			this.#metrics.reloaded("success");
			warnOfOpenPorts(this.#log, this.#security.inClear({ ...addresses, rest: addresses.rest }));
			return addresses;
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	#mustBeOpen(): void {
		if (this.#abort.signal.aborted)
			throw new FingerpostError("CLOSED", "the control plane was stopped; create another");
	}
}
