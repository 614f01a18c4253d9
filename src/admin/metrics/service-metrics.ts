import type { ServiceCondition, ServiceState } from "../../catalog/service-state.js";

const STATES: readonly ServiceCondition[] = ["synced", "stale", "unknown", "removing"];

/** How many services there are in each state, in Prometheus's text format and in pieces. */
export function* serviceMetrics(services: Iterable<ServiceState>): Iterable<string> {
	const counts: Record<ServiceCondition, number> = { synced: 0, stale: 0, unknown: 0, removing: 0 };
	let [empty, pinned] = [0, 0];
	for (const { state, known, endpoints, pin } of services) {
		counts[state]++;
		if (known && endpoints.length === 0) empty++;
		if (pin) pinned++;
		yield "";
	}
	yield "# HELP fingerpost_services Services in each state.\n# TYPE fingerpost_services gauge\n";
	yield STATES.map((state) => `fingerpost_services{state="${state}"} ${counts[state]}\n`).join("");
	yield "\n# HELP fingerpost_empty_services Services that are known to have no endpoint.\n";
	yield `# TYPE fingerpost_empty_services gauge\nfingerpost_empty_services ${empty}\n`;
	yield "\n# HELP fingerpost_pinned_services Services that an operator has pinned to what they were.\n";
	yield `# TYPE fingerpost_pinned_services gauge\nfingerpost_pinned_services ${pinned}\n\n`;
}
