import { type ServiceJson, serviceJson } from "../admin-json.js";
import type { AdminSources } from "../admin-sources.js";
import { problemsByName } from "../problem-json.js";
import { withList } from "../reply.js";
import { wrongWithService } from "../wrong.js";
import { listQuery, nameFilter, oneOfQuery } from "./list-query.js";
import type { ServiceNames } from "./service-names.js";

export const SERVICE_STATES = ["synced", "stale", "unknown", "removing"] as const;

/**
 * `{"services": […]}` by name, in pieces; each service is looked at when it is its turn.
 * @throws FingerpostError USAGE for a query that cannot be
 */
export function serviceList(sources: AdminSources, all: ServiceNames, query: URLSearchParams): Iterable<string> {
	const { after, limit } = listQuery(query);
	const fits = nameFilter(query, "service");
	const state = oneOfQuery(query, "state", SERVICE_STATES);
	const only = oneOfQuery(query, "only", ["problems"]);
	const hasClients = query.has("clients");
	return (function* () {
		const names = yield* all.inOrder();
		const first = after === undefined ? 0 : names.findIndex((name) => name > after);
		yield* withList({}, "services", first < 0 ? [] : services(names, first));
		yield "\n";
	})();

	function* services(names: readonly string[], first: number): Iterable<string> {
		const problems = problemsByName(sources.problems ? yield* sources.problems() : []);
		let count = 0;
		for (let i = first; i < names.length && count < limit; i++) {
			const name = names[i] as string;
			const service = fits && !fits(name) ? undefined : sources.service(name);
			// It may have gone meanwhile.
			if (!service || (state && service.state !== state)) yield "";
			else {
				const json = serviceJson(service, (each) => sources.versionOf(each), problems.get(name));
				if (only && isFine(json)) {
					yield "";
					continue;
				}
				const clients = hasClients && { clients: yield* clientCounts(sources, name) };
				yield `${count++ > 0 ? "," : ""}${JSON.stringify({ ...json, ...clients })}`;
			}
		}
	}
}

/** Notes are no problems. */
function isFine(service: ServiceJson): boolean {
	for (const _ of wrongWithService(service)) return false;
	return true;
}

/** How many clients ask for it, and have ACKed the newest; null where that is not known. */
function* clientCounts(sources: AdminSources, name: string): Generator<string, ServiceJson["clients"]> {
	if (!sources.holders) return null;
	const { asking, acked } = yield* sources.holders(name);
	return { asking, acked };
}
