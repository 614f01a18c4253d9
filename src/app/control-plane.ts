import { type Logger, pino } from "pino";
import { AdminServer } from "../admin/admin-server.js";
import { Metrics } from "../admin/metrics.js";
import { Cache } from "../cache/cache.js";
import { Catalog } from "../catalog/catalog.js";
import type { ServiceState } from "../catalog/service-state.js";
import type { Config } from "../config/config.js";
import { readConfig } from "../config/load.js";
import type { ConfigInput } from "../config/schema.js";
import { type EndpointInput, ownService, type ServiceOptions } from "../input/own-service.js";
import type { HostPort } from "../model/host-port.js";
import { builtinRegistry } from "../providers/builtin.js";
import { ProviderSet } from "../providers/provider-set.js";
import type { Registry } from "../providers/registry.js";
import { RESOURCE_TYPES } from "../resources/resource-type.js";
import type { RestServer } from "../server/rest/rest-server.js";
import { XdsServer } from "../server/xds-server.js";
import { FingerpostError } from "../util/errors.js";
import { VERSION } from "../util/version.js";
import { logChanges } from "./change-log.js";
import { perTypeCaches } from "./per-type-caches.js";
import { restServing } from "./rest-serving.js";
import { streamEvents } from "./stream-log.js";

/** How long start() waits for the sources' first answers before it serves without them: 1 s. */
const FIRST_ANSWERS_MS = 1_000;

export interface ControlPlaneOptions {
	/** Who finds the endpoints of targets; the providers that Fingerpost brings unless given. */
	readonly registry?: Registry;
	/** Where it logs; nowhere unless given. */
	readonly log?: Logger;
}

/** Where it listens, with the ports really bound. */
export interface Addresses {
	readonly xds: HostPort;
	readonly admin: HostPort;
	/** Absent where xDS is not served by REST. */
	readonly rest?: HostPort;
}

/** Wires providers, catalog, cache, xDS server and admin API together. */
export class ControlPlane implements AsyncDisposable {
	#config: Config;
	readonly #log: Logger;
	readonly #registry: Registry;
	readonly #providers: ProviderSet;
	readonly #catalog: Catalog;
	readonly #cache: Cache;
	readonly #metrics: Metrics;
	readonly #xds: XdsServer;
	readonly #rest: RestServer;
	readonly #admin: AdminServer;
	readonly #abort = new AbortController();
	#started: Promise<Addresses> | undefined;
	/** It serves, but not every source has answered yet. */
	#awaitsSources = false;

	/**
	 * @param written a config that was loaded (see loadConfig), or an object with the keys of the config file.
	 * @throws InvalidConfig with every problem of an object at once.
	 */
	constructor(written: Config | ConfigInput, options: ControlPlaneOptions = {}) {
		const { registry = builtinRegistry(), log = pino({ level: "silent" }) } = options;
		const config = isLoaded(written) ? written : readConfig(written, { registry });
		this.#config = config;
		this.#log = log;
		this.#registry = registry;
		registry.maxEndpoints = config.maxEndpoints;
		this.#providers = new ProviderSet(registry);
		this.#catalog = new Catalog(registry, config);
		this.#cache = new Cache(this.#catalog, undefined, ({ name, type, family, message }) =>
			log.error({ service: name, type, family, reason: message }, "service is too large for clients"),
		);
		const sources = {
			version: VERSION,
			services: () => [...this.#catalog.services()].map((service) => this.#atThisMoment(service)),
			service: (name: string) => {
				const service = this.#catalog.get(name);
				return service && this.#atThisMoment(service);
			},
			versionOf: (name: string) => this.#versionOf(name),
			clients: () => this.#xds.clients(),
			connections: () => this.#xds.connections(),
			problems: () => [...this.#cache.problems(), ...this.#xds.rejections()],
			withheld: () => this.#cache.problems(),
			refresh: (text: string) => this.#refresh(text),
			resources: () => Object.fromEntries(RESOURCE_TYPES.map(({ id }) => [id, this.#cache.count(id)])),
		};
		this.#metrics = new Metrics(sources);
		const perType = perTypeCaches(this.#catalog, config.xds.cluster);
		this.#xds = new XdsServer(this.#cache, streamEvents(log, this.#metrics), { ...config.xds, perType });
		const { limits, rest } = config.xds;
		const parts = { services: this.#catalog, shared: this.#cache, log, metrics: this.#metrics, limits };
		const { server, cache: restCache } = restServing(rest, parts);
		this.#rest = server;
		this.#admin = new AdminServer({
			listen: config.admin.listen,
			sources,
			metrics: this.#metrics,
			onError: (error) => log.error({ err: error }, "admin request failed"),
		});
		this.#catalog.onChange((changes, at) => {
			const names = changes.map((change) => change.name);
			for (const each of [this.#cache, restCache, perType.sotw, perType.delta]) each.update(names, at);
			logChanges(log, changes);
			if (this.#awaitsSources) this.#tellReady();
		});
	}

	/**
	 * Watches the sources, waits up to a second for their first answers, and serves. Called again, it gives the same.
	 * @throws FingerpostError LISTEN_FAILED, CLOSED after stop(); AbortError if stop() was called meanwhile. Everything is
	 *   freed then.
	 */
	start(): Promise<Addresses> {
		this.#started ??= this.#start();
		return this.#started;
	}

	/**
	 * Makes the program itself the source of a service: these are its endpoints, until they are set again. It may be set
	 * before start(). A service of that name in the config is replaced, and a reload does not touch it.
	 * @throws InvalidEndpoints with every problem at once; FingerpostError INVALID_CONFIG for a name or setting that cannot
	 *   be, CLOSED after stop(). What was set before stays then.
	 */
	set(name: string, endpoints: readonly EndpointInput[], options: ServiceOptions = {}): void {
		this.#mustBeOpen();
		this.#catalog.set(ownService(name, endpoints, options));
	}

	/**
	 * Ends what set() began: the service stays for the removal grace and goes then, or is the config's again where that
	 * has one of the name. False if nothing was set.
	 * @throws FingerpostError CLOSED after stop().
	 */
	unset(name: string): boolean {
		this.#mustBeOpen();
		const found = this.#catalog.unset(name);
		const isConfigs = this.#started !== undefined && this.#config.services.has(name);
		if (found && isConfigs) this.#catalog.apply(this.#config.services);
		return found;
	}

	/**
	 * Takes over a new config as a whole. Addresses to listen on stay as they were: those need a restart.
	 * @throws InvalidConfig; the present config stays then. FingerpostError CLOSED after stop().
	 */
	reload(written: Config | ConfigInput): void {
		this.#mustBeOpen();
		const config = isLoaded(written) ? written : readConfig(written, { registry: this.#registry });
		for (const part of ["xds", "admin"] as const) {
			if (JSON.stringify(config[part].listen) !== JSON.stringify(this.#config[part].listen)) {
				this.#log.warn({ key: `${part}.listen` }, "a changed address to listen on takes effect at the next start");
			}
		}
		if (config.xds.ttl !== this.#config.xds.ttl)
			this.#log.warn(
				{ key: "xds.ttl" },
				"a changed time to live takes effect at the next start; to end it, start once with 0s",
			);
		if (JSON.stringify(config.xds.rest) !== JSON.stringify(this.#config.xds.rest))
			this.#log.warn({ key: "xds.rest" }, "changed settings of REST take effect at the next start");
		if (config.xds.cluster !== this.#config.xds.cluster)
			this.#log.warn({ key: "xds.cluster" }, "a changed name takes effect at the next start");
		const { streamsPerConnection } = config.xds.limits;
		if (streamsPerConnection !== this.#config.xds.limits.streamsPerConnection)
			this.#log.warn({ key: "xds.limits.streamsPerConnection" }, "a changed limit takes effect at the next start");
		this.#config = config;
		this.#catalog.setTimes(config);
		this.#registry.maxEndpoints = config.maxEndpoints;
		for (const server of [this.#xds, this.#rest]) server.setLimits(config.xds.limits);
		if (this.#started !== undefined) {
			const changed = this.#providers.apply(config.providers);
			this.#catalog.apply(config.services);
			this.#catalog.rewatch(changed);
		}
		this.#metrics.reloaded("success");
		this.#log.info({ services: config.services.size }, "config reloaded");
	}

	/** A config could not be taken over: the present one stays. */
	reloadFailed(error: Error): void {
		this.#metrics.reloaded("failure");
		this.#log.error({ error: error.message }, "the new config is not valid; the last one stays in use");
	}

	/** What the ready line says. */
	counts(): { readonly services: number; readonly endpoints: number } {
		const services = [...this.#catalog.services()];
		return {
			services: services.length,
			endpoints: services.reduce((sum, service) => sum + service.endpoints.length, 0),
		};
	}

	/** Ends streams in order, then everything else. */
	async stop(): Promise<void> {
		this.#abort.abort();
		this.#catalog.stop();
		await Promise.all([this.#xds.stop(), this.#rest.stop(), this.#admin.stop()]);
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}

	async #start(): Promise<Addresses> {
		this.#mustBeOpen();
		try {
			// What was set before is watched by now.
			this.#catalog.rewatch(this.#providers.apply(this.#config.providers));
			this.#catalog.apply(this.#config.services);
			await this.#catalog.settled(FIRST_ANSWERS_MS, this.#abort.signal);
			this.#abort.signal.throwIfAborted();
			await this.#admin.start();
			const { listen, rest: restSettings } = this.#config.xds;
			const xds = await this.#xds.listen(listen);
			const rest = restSettings.listen && (await this.#rest.listen(restSettings.listen));
			// A stop that came meanwhile could not close what was not open yet.
			this.#abort.signal.throwIfAborted();
			this.#awaitsSources = true;
			this.#tellReady();
			this.#metrics.reloaded("success");
			return { xds, admin: this.#admin.address ?? this.#config.admin.listen, ...(rest && { rest }) };
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	/**
	 * gRPC health checks find it serving once every source has answered or the sync deadline is over. It stays so: a source
	 * that fails later, or a service whose source is not there, is no reason to take the control plane from its clients.
	 */
	#tellReady(): void {
		for (const { known, overdue } of this.#catalog.services()) if (!known && !overdue) return;
		this.#awaitsSources = false;
		this.#xds.ready();
	}

	#mustBeOpen(): void {
		if (this.#abort.signal.aborted)
			throw new FingerpostError("CLOSED", "the control plane was stopped; create another");
	}

	/** With the newest times of its targets, which a mere confirmation changes too. */
	#atThisMoment(service: ServiceState): ServiceState {
		return { ...service, targets: this.#catalog.targetsOf(service.name) };
	}

	#versionOf(name: string): string {
		const service = this.#catalog.get(name);
		return service ? this.#cache.versionOf("eds", "envoy", service) : "";
	}

	#refresh(text: string): boolean {
		// Not the definitions: a host name among endpoints is followed as a target, too.
		const watched = [...this.#catalog.services()].some(({ targets }) => targets.some(({ target }) => target === text));
		if (!watched || text === "inline") return false;
		this.#registry.refresh(text);
		return true;
	}
}

function isLoaded(config: Config | ConfigInput): config is Config {
	return config.services instanceof Map;
}
