import type { RegistryState } from "../../catalog/discover/discovered-services.js";
import type { ServiceCondition, ServiceState } from "../../catalog/service-state.js";

const STATES: readonly ServiceCondition[] = ["synced", "stale", "unknown", "removing"];

/** How many services there are in each state, and what there is to say of them, in Prometheus's text format and in pieces. */
export function* serviceMetrics(
	services: Iterable<ServiceState>,
	registries: readonly RegistryState[],
): Iterable<string> {
	const counts: Record<ServiceCondition, number> = { synced: 0, stale: 0, unknown: 0, removing: 0 };
	let [empty, pinned, notes] = [0, 0, 0];
	for (const service of services) {
		counts[service.state]++;
		notes += service.notes.length;
		if (service.known && service.endpoints.length === 0) empty++;
		if (service.pin) pinned++;
		yield "";
	}
	yield "# HELP fingerpost_services Services in each state.\n# TYPE fingerpost_services gauge\n";
	yield STATES.map((state) => `fingerpost_services{state="${state}"} ${counts[state]}\n`).join("");
	yield "\n# HELP fingerpost_empty_services Services that are known to have no endpoint.\n";
	yield `# TYPE fingerpost_empty_services gauge\nfingerpost_empty_services ${empty}\n`;
	yield "\n# HELP fingerpost_pinned_services Services that an operator has pinned to what they were.\n";
	yield `# TYPE fingerpost_pinned_services gauge\nfingerpost_pinned_services ${pinned}\n`;
	const ofRegistries = registries.reduce((sum, registry) => sum + registry.notes.length, 0);
	yield "\n# HELP fingerpost_notes What there is to say of services and registries that work.\n# TYPE fingerpost_notes gauge\n";
	yield `fingerpost_notes{of="service"} ${notes}\nfingerpost_notes{of="registry"} ${ofRegistries}\n\n`;
}
