import type { AdminSources } from "../admin/admin-sources.js";
import type { Cache } from "../cache/cache.js";
import type { Catalog } from "../catalog/catalog.js";
import type { ServiceState } from "../catalog/service-state.js";
import type { Registry } from "../providers/registry.js";
import { RESOURCE_TYPES } from "../resources/resource-type.js";
import type { XdsServer } from "../server/xds-server.js";
import { VERSION } from "../util/version.js";

/** The parts of a control plane that the admin API and the metrics look at. */
interface Parts {
	readonly registry: Registry;
	readonly catalog: Catalog;
	readonly cache: Cache;
	/** Made after the metrics, which it moves. */
	readonly xds: () => XdsServer;
	readonly droppedLogLines: NonNullable<AdminSources["droppedLogLines"]>;
}

/** What the admin API and the metrics show, read from the parts whenever somebody looks. */
export function adminSources({ registry, catalog, cache, xds, droppedLogLines }: Parts): AdminSources {
	/** With the newest times of its targets, which a mere confirmation changes too. */
	const atThisMoment = (service: ServiceState): ServiceState => ({
		...service,
		targets: catalog.targetsOf(service.name),
	});
	return {
		version: VERSION,
		services: () => [...catalog.services()].map(atThisMoment),
		service(name) {
			const service = catalog.get(name);
			return service && atThisMoment(service);
		},
		versionOf(name) {
			const service = catalog.get(name);
			return service ? cache.versionOf("eds", "envoy", service) : "";
		},
		clients: () => xds().clients(),
		connections: () => xds().connections(),
		problems: () => [...cache.problems(), ...xds().nacked()],
		withheld: () => cache.problems(),
		refresh(text) {
			// Not the definitions: a host name among endpoints is followed as a target, too.
			const watched = [...catalog.services()].some(({ targets }) => targets.some(({ target }) => target === text));
			if (!watched || text === "inline") return false;
			registry.refresh(text);
			return true;
		},
		droppedLogLines,
		resources: () => Object.fromEntries(RESOURCE_TYPES.map(({ id }) => [id, cache.count(id)])),
	};
}
