import type { Logger } from "pino";
import type { Cache } from "../cache/cache.js";
import type { Catalog } from "../catalog/catalog.js";
import { DiscoveredServices } from "../catalog/discover/discovered-services.js";
import type { Registry } from "../providers/registry.js";
import { logLine } from "./log/log-line.js";

export interface DiscoveryParts {
	readonly registry: Registry;
	readonly catalog: Catalog;
	/** Milliseconds. */
	readonly syncDeadline: () => number;
	/** They are told whether there may be services that nobody knows of yet. */
	readonly caches: readonly Cache[];
	readonly log: Logger;
	/** Called after each change. */
	readonly onChange: () => void;
}

/** The services of whole registries, for the caches and with what is logged of them. */
export function discovery({
	registry,
	catalog,
	syncDeadline,
	caches,
	log,
	onChange,
}: DiscoveryParts): DiscoveredServices {
	const discovered = new DiscoveredServices(registry, catalog, syncDeadline);
	let last = discovered.openness;
	let failing = new Map<string, string>();
	discovered.onChange(() => {
		const { openness } = discovered;
		if (openness !== last) {
			// What the registry has is there before it is said that there is nothing else.
			catalog.flush();
			const at = performance.now();
			for (const cache of caches) cache.setOpenness(openness, at);
			last = openness;
		}
		failing = logFailures(log, discovered, failing);
		onChange();
	});
	return discovered;
}

/** A registry's failure once, and its end once. @param before the failures that were told, by target. */
function logFailures(log: Logger, discovered: DiscoveredServices, before: ReadonlyMap<string, string>) {
	const failing = new Map<string, string>();
	for (const { target: registry, state, lastError } of discovered.statuses()) {
		if (state !== "failed" && state !== "stale") {
			if (state === "synced" && before.has(registry)) logLine(log, "registry recovered", { registry });
			continue;
		}
		const error = lastError?.message ?? "";
		failing.set(registry, error);
		if (before.get(registry) !== error)
			logLine(log, "registry failed; the services that it had stay", { registry, state, error });
	}
	return failing;
}
