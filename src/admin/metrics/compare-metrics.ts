import { countDifferences } from "../../catalog/compared-target.js";
import type { ServiceState } from "../../catalog/service-state.js";

/** How services differ from the targets that they are compared with, in Prometheus's text format and in pieces. */
export function* compareMetrics(services: Iterable<ServiceState>): Iterable<string> {
	const compared: { readonly label: string; readonly count: number; readonly since: Date | undefined }[] = [];
	for (const { name, comparison } of services) {
		const { difference, since } = comparison ?? {};
		// A service name has no character that a label would need to escape.
		if (difference) compared.push({ label: `{service="${name}"}`, count: countDifferences(difference), since });
		yield "";
	}
	const differences = "fingerpost_compare_differences";
	yield head(differences, "Endpoints in which the service and the target that it is compared with differ.");
	for (const { label, count } of compared) yield `${differences}${label} ${count}\n`;
	const seconds = "fingerpost_compare_differing_seconds";
	yield `\n${head(seconds, "For how long the two have differed without a break; 0 while they do not.")}`;
	const now = Date.now();
	for (const { label, since } of compared) {
		yield `${seconds}${label} ${since ? Math.max(0, now - since.getTime()) / 1_000 : 0}\n`;
	}
	yield "\n";
}

function head(name: string, help: string): string {
	return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
}
