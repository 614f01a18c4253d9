import type { CatalogTimes } from "../../catalog/entry-options.js";
import type { Config } from "../../config/config.js";

/** What the config says to the catalog. The guard is on unless it says otherwise. */
export function catalogTimes({ removalGrace, syncDeadline, guard = {}, onFailure }: Config): CatalogTimes {
	return { removalGrace, syncDeadline, guard, onFailure };
}
