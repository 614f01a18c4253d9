import type { RegistryState } from "../../catalog/discover/discovered-services.js";
import { requestCounts } from "../../providers/source-requests.js";
import { sourceCounts } from "../../providers/watch/source-counts.js";
import { TARGET_STATES } from "./metric-labels.js";

interface Metric {
	readonly name: string;
	readonly help: string;
	/** Lines of one registry, each with more labels. */
	readonly values: (state: RegistryState, now: number) => readonly (readonly [labels: string, value: number])[];
}

const METRICS: readonly Metric[] = [
	{
		name: "fingerpost_registry_state",
		help: "1 for the state that the whole registry is in, 0 for the others.",
		values: ({ state }) => TARGET_STATES.map((each) => [`,state="${each}"`, each === state ? 1 : 0]),
	},
	{
		name: "fingerpost_registry_services",
		help: "Services that the registry has, those that are held too.",
		values: ({ found }) => [["", found]],
	},
	{
		name: "fingerpost_registry_left_out_services",
		help: "Services of the registry that are not served, by the reason.",
		values: ({ leftOut }) => [
			[`,reason="taken"`, leftOut.taken],
			[`,reason="invalid"`, leftOut.invalid],
		],
	},
	{
		name: "fingerpost_registry_held_services",
		help: "Services that the registry does not have any more, and that stay for a while.",
		values: ({ heldServices }) => [["", heldServices]],
	},
	{
		name: "fingerpost_registry_last_success_timestamp_seconds",
		help: "When the registry last answered, in seconds since 1970; 0 if it never did.",
		values: ({ lastSuccess }) => [["", (lastSuccess?.getTime() ?? 0) / 1_000]],
	},
	{
		name: "fingerpost_registry_stale_seconds",
		help: "For how long the registry has failed; 0 while it answers.",
		values: ({ staleSince }, now) => [["", staleSince ? Math.max(0, now - staleSince.getTime()) / 1_000 : 0]],
	},
];

/** The metrics of whole registries and of all sources, in Prometheus's text format and in pieces. */
export function* registryMetrics(states: readonly RegistryState[]): Iterable<string> {
	const now = Date.now();
	for (const { name, help, values } of METRICS) {
		yield `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
		for (const state of states) {
			const own = `registry="${escaped(state.target)}",name="${escaped(state.name)}"`;
			for (const [labels, value] of values(state, now)) yield `${name}{${own}${labels}} ${value}\n`;
		}
		yield "\n";
	}
	const answers = "fingerpost_source_answers_total";
	yield `# HELP ${answers} How often sources have answered, confirmations included, and failed.\n# TYPE ${answers} counter\n`;
	for (const [scheme, counts] of sourceCounts()) {
		yield `${answers}{scheme="${escaped(scheme)}",result="success"} ${counts.answers}\n`;
		yield `${answers}{scheme="${escaped(scheme)}",result="failure"} ${counts.failures}\n`;
	}
	const requests = "fingerpost_source_requests_total";
	yield `\n# HELP ${requests} How often sources were asked, and with which result.\n# TYPE ${requests} counter\n`;
	for (const [provider, counts] of Object.entries(requestCounts())) {
		for (const [result, count] of Object.entries(counts))
			yield `${requests}{provider="${provider}",result="${result}"} ${count}\n`;
	}
	yield "\n";
}

function escaped(label: string): string {
	return label.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
