import type { AdminSources } from "../admin/admin-sources.js";
import type { Cache } from "../cache/cache.js";
import type { Catalog } from "../catalog/catalog.js";
import type { DiscoveredServices } from "../catalog/discover/discovered-services.js";
import type { Registry } from "../providers/registry.js";
import { forEachType } from "../resources/resource-types.js";
import type { XdsServer } from "../server/xds-server.js";
import { VERSION } from "../util/version.js";

/** The parts of a control plane that the admin API and the metrics look at. */
interface Parts {
	readonly registry: Registry;
	readonly catalog: Catalog;
	/** Made after the metrics, as the caches are. */
	readonly discovered: () => DiscoveredServices;
	readonly cache: Cache;
	/** Made after the metrics, which it moves. */
	readonly xds: () => XdsServer;
	/** Another number when there are other services than before. */
	readonly namesRevision: () => number;
	readonly droppedLogLines: NonNullable<AdminSources["droppedLogLines"]>;
}

/** What the admin API and the metrics show, read from the parts whenever somebody looks. */
export function adminSources({
	registry,
	catalog,
	discovered,
	cache,
	xds,
	namesRevision,
	droppedLogLines,
}: Parts): AdminSources {
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
		registries: () => discovered().states(),
		clients: () => xds().eachClient(),
		connections: () => xds().connections(),
		*problems(only) {
			const tooLarge = [...cache.problems()].filter(({ name }) => only === undefined || name === only);
			return [...tooLarge, ...(yield* xds().nackedAndAcked(only))];
		},
		*withheld() {
			const rejected = yield* xds().nacked();
			return [...cache.problems(), ...rejected.filter(({ isAccepted }) => !isAccepted)];
		},
		refresh(text) {
			if (discovered().refresh(text)) return true;
			// Not the definitions: a host name among endpoints is followed as a target, too.
			const watched = [...catalog.services()].some(({ targets }) => targets.some(({ target }) => target === text));
			if (!watched || text === "inline") return false;
			registry.refresh(text);
			return true;
		},
		droppedLogLines,
		resources: () => forEachType(({ id }) => cache.count(id)),
	};
}
