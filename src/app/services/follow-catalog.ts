import type { Logger } from "pino";
import type { EventHub } from "../../admin/events/event-hub.js";
import type { Metrics } from "../../admin/metrics/metrics.js";
import type { Cache } from "../../cache/cache.js";
import type { Catalog } from "../../catalog/catalog.js";
import type { StreamFanOut } from "../../server/transport/fan-out.js";
import type { StateKeeper } from "../../state/state-keeper.js";
import { tellInSteps } from "../change-log.js";
import type { ServiceMemory } from "../history/service-memory.js";
import { ServiceLog } from "../keep/service-log.js";
import type { Readiness } from "../readiness.js";

/** To whom it goes that services have changed. */
export interface CatalogFollowers {
	readonly caches: readonly Cache[];
	/** Its streams are told once all of it is encoded. */
	readonly fanOut: StreamFanOut;
	readonly log: Logger;
	readonly events: EventHub;
	readonly metrics: Metrics;
	/** What services were. */
	readonly memory: ServiceMemory;
	readonly readiness: Readiness;
	/** Where state is kept, if it is. */
	state(): StateKeeper | undefined;
	/** There are other services than before. */
	othersThere(): void;
}

/** Hands each change of services on, in steps: many of them do not hold the event loop. */
export function followCatalog(catalog: Catalog, followers: CatalogFollowers): void {
	const { caches, fanOut, log, events, metrics, memory, readiness } = followers;
	const serviceLog = new ServiceLog(log);
	let isPart = false;
	fanOut.onSettled = () => memory.allSettled();
	catalog.onChange(function* (changes, at, more) {
		isPart ||= more;
		fanOut.hold(isPart);
		const names = changes.map((change) => change.name);
		if (changes.some(({ previous, current }) => !previous || !current)) followers.othersThere();
		for (const each of caches) yield* each.updateInSteps(names, at);
		yield* memory.changed(changes, at);
		metrics.held(yield* serviceLog.take(changes, more));
		if (isPart) for (const name of names) events.service(name);
		else yield* tellInSteps(events, changes);
		followers.state()?.changed(names);
		if (more) return;
		isPart = false;
		fanOut.hold(false);
		readiness.look();
	});
}
