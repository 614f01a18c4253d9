import type { Catalog } from "../catalog/catalog.js";
import type { DiscoveredServices } from "../catalog/discover/discovered-services.js";
import type { ServiceState } from "../catalog/service-state.js";

/**
 * Whether the control plane can serve: once it listens and every source has answered, failed or been restored, or the
 * sync deadline is over. It stays so: a source that fails later, or a new service whose source is not there, is no reason
 * to take the control plane from its clients.
 */
export class Readiness {
	readonly #catalog: Catalog;
	readonly #registries: Pick<DiscoveredServices, "awaitsAnswer">;
	readonly #onReady: () => void;
	#listens = false;
	#canServe = false;

	/** @param onReady called once. */
	constructor(catalog: Catalog, registries: Pick<DiscoveredServices, "awaitsAnswer">, onReady: () => void) {
		this.#catalog = catalog;
		this.#registries = registries;
		this.#onReady = onReady;
	}

	get canServe(): boolean {
		return this.#canServe;
	}

	/** The servers listen from now on. */
	listens(): void {
		this.#listens = true;
		this.look();
	}

	/** Something has changed in the catalog. */
	look(): void {
		if (!this.#listens || this.#canServe || this.#registries.awaitsAnswer) return;
		for (const service of this.#catalog.services()) if (isAwaited(service)) return;
		this.#canServe = true;
		this.#onReady();
	}
}

function isAwaited({ known, overdue, targets }: ServiceState): boolean {
	return !known && !overdue && targets.some(({ state }) => state === "connecting");
}
