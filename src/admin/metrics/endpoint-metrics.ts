import type { ServiceState } from "../../catalog/service-state.js";
import { type Endpoint, HEALTHS, type Health } from "../../model/endpoint.js";

/** Services that have a label of their own: each takes a few series in whatever scrapes this. */
const MAX_LABELLED = 1_000;
/** What all further services are counted under: no service can be named so. */
const OTHERS = "(others)";
const NAME = "fingerpost_endpoints";

type Counts = Record<Health, number>;

/** Lists are never changed, so that each is counted once. */
const counted = new WeakMap<readonly Endpoint[], Counts>();

/** The endpoints of each service by health, in Prometheus's text format and in pieces. */
export function* endpointMetrics(services: Iterable<ServiceState>): Iterable<string> {
	yield `# HELP ${NAME} Endpoints that clients are told, by health; services above ${MAX_LABELLED} are one.\n# TYPE ${NAME} gauge\n`;
	const others = none();
	let seen = 0;
	for (const { name, known, endpoints } of services) {
		if (!known) {
			yield "";
			continue;
		}
		const counts = countsOf(endpoints);
		if (++seen > MAX_LABELLED) for (const health of HEALTHS) others[health] += counts[health];
		yield seen > MAX_LABELLED ? "" : linesOf(name, counts);
	}
	yield `${seen > MAX_LABELLED ? linesOf(OTHERS, others) : ""}\n`;
}

/** `healthy` is there also when it is 0: an alert has something to look at. */
function linesOf(service: string, counts: Counts): string {
	return HEALTHS.filter((health) => health === "healthy" || counts[health] > 0)
		.map((health) => `${NAME}{service="${service}",health="${health}"} ${counts[health]}\n`)
		.join("");
}

function countsOf(endpoints: readonly Endpoint[]): Counts {
	const known = counted.get(endpoints);
	if (known) return known;
	const counts = none();
	for (const { health } of endpoints) counts[health]++;
	counted.set(endpoints, counts);
	return counts;
}

function none(): Counts {
	return { healthy: 0, unknown: 0, unhealthy: 0, draining: 0, degraded: 0, timeout: 0 };
}
