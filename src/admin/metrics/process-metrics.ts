import { collectDefaultMetrics, Registry } from "@prometheus-io/client";

let registry: Registry | undefined;

/**
 * Node's own metrics: memory, CPU, garbage collection, event loop. One for the process, made on first use, because the
 * library's observers belong to the process too: they cannot be stopped, and they do not keep it alive.
 */
export function processMetrics(): Registry {
	if (!registry) {
		registry = new Registry();
		collectDefaultMetrics({ register: registry });
	}
	return registry;
}
