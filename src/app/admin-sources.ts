import type { AdminSources } from "../admin/admin-sources.js";
import type { Cache } from "../cache/cache.js";
import type { Catalog } from "../catalog/catalog.js";
import type { DiscoveredServices } from "../catalog/discover/discovered-services.js";
import type { Registry } from "../providers/registry.js";
import { forEachType } from "../resources/resource-types.js";
import { askingStreams } from "../server/protocol/asking-streams.js";
import { holdersOf } from "../server/protocol/holders.js";
import { countMissing } from "../server/protocol/missing-names.js";
import { nackedBy, withAckedBy } from "../server/protocol/nacked-by.js";
import { type ClientDetail, nameStatuses } from "../server/protocol/name-status.js";
import type { AnyStream, XdsServer } from "../server/xds-server.js";
import { VERSION } from "../util/version.js";
import type { ConfigStatus } from "./config-status.js";
import type { ServiceMemory } from "./history/service-memory.js";
import { NearestServices } from "./nearest-services.js";
import type { SharedCounting } from "./replicas/shared-counting.js";
import type { Security } from "./security/security.js";
import { sentResources } from "./services/sent-resources.js";

/** The parts of a control plane that the admin API and the metrics look at. */
interface Parts {
	readonly registry: Registry;
	readonly catalog: Catalog;
	/** Made after the metrics, as the caches are. */
	readonly discovered: () => DiscoveredServices;
	readonly cache: Cache;
	/** Made after the metrics, which it moves. */
	readonly xds: () => XdsServer;
	readonly config: ConfigStatus;
	readonly security: Security;
	readonly memory: ServiceMemory;
	readonly demand: SharedCounting;
	/** Another number when there are other services than before. */
	readonly namesRevision: () => number;
	readonly canServe: () => boolean;
	readonly droppedLogLines: NonNullable<AdminSources["droppedLogLines"]>;
}

/** What the admin API and the metrics show, read from the parts whenever somebody looks. */
export function adminSources(parts: Parts): AdminSources {
	const { registry, catalog, discovered, cache, xds, config, security, memory } = parts;
	const { demand, namesRevision, canServe, droppedLogLines } = parts;
	const nearest = new NearestServices(catalog);
	return {
		version: VERSION,
		services: () => catalog.services(),
		names: () => ({ revision: namesRevision(), names: catalog.names() }),
		service(name) {
			const service = catalog.get(name);
			// A mere confirmation changes the times of its targets, but no service.
			return service && { ...service, targets: catalog.targetsOf(name) };
		},
		versionOf(name) {
			const service = catalog.get(name);
			return service ? cache.versionOf("eds", "envoy", service) : "";
		},
		zonesOf: (service) => cache.traffic.rowsOf(service),
		demand: demand.source(cache.traffic.own),
		replicas: () => demand.states(),
		asking: (name) => askingStreams(xds().streams, name),
		approve(name) {
			const endpoints = catalog.get(name)?.endpoints.length ?? 0;
			const released = catalog.approve(name);
			return discovered().approve(name) ? endpoints : released;
		},
		history: memory.sources,
		sent: sentResources({ catalog, cache, xds }),
		registries: () => discovered().states(),
		canServe,
		clients: () => xds().eachClient(),
		connections: () => xds().connections(),
		*problems(only) {
			const tooLarge = [...cache.problems()].filter(({ name }) => only === undefined || name === only);
			return [...tooLarge, ...(yield* withAckedBy(xds().streams, yield* nackedBy(xds().streams, only)))];
		},
		*withheld() {
			const rejected = yield* nackedBy(xds().streams);
			return [...cache.problems(), ...rejected.filter(({ isAccepted }) => !isAccepted)];
		},
		client: (stream) => xds().stream(stream)?.status(),
		*clientsOf(node) {
			for (const stream of xds().streams) if (stream.nodeId === node) yield detailOf(stream);
		},
		nearest: (name) => (nearest.has(name) ? name : nearest.of(name)),
		holders: (name) => holdersOf(xds().streams, name),
		unknownNames: () => countMissing(xds().streams),
		certificates: () => security.certificates(),
		config: () => config.json(security.certificates()),
		refresh(text) {
			if (discovered().refresh(text)) return true;
			// Not the definitions: a host name among endpoints is followed as a target, too.
			const watched = [...catalog.services()].some(
				({ targets, comparison }) =>
					targets.some(({ target }) => target === text) || comparison?.status.target === text,
			);
			if (!watched || text === "inline") return false;
			registry.refresh(text);
			return true;
		},
		droppedLogLines,
		resources: () => forEachType(({ id }) => cache.count(id)),
	};
}

function detailOf(stream: AnyStream): ClientDetail {
	return {
		status: stream.status(),
		*names(type) {
			for (const subscription of stream.session.subscriptions)
				if (subscription.stream.set.type.id === type) yield* nameStatuses(subscription);
		},
	};
}
