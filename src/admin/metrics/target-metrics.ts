import type { KeptStatus } from "../../catalog/keep/kept-status.js";
import type { ServiceState } from "../../catalog/service-state.js";
import type { TargetCondition } from "../../providers/watch/target-watch.js";
import { TARGET_STATES } from "./metric-labels.js";

/** The metrics that each target has, in Prometheus's text format and in pieces: there may be very many. */
export function* targetMetrics(services: Iterable<ServiceState>): Iterable<string> {
	const targets = yield* worstTargets(services);
	yield head("fingerpost_target_state", "1 for the state that the target is in, 0 for the others.");
	for (const { target, state } of targets) {
		const label = escaped(target);
		const line = (each: TargetCondition) =>
			`fingerpost_target_state{target="${label}",state="${each}"} ${each === state ? 1 : 0}\n`;
		yield TARGET_STATES.map(line).join("");
	}
	const stale = "For how long the target's endpoints have not been confirmed; 0 while they are.";
	yield `\n${head("fingerpost_target_stale_seconds", stale)}`;
	const now = Date.now();
	for (const { target, staleSince } of targets) {
		const seconds = staleSince ? Math.max(0, now - staleSince.getTime()) / 1_000 : 0;
		yield `fingerpost_target_stale_seconds{target="${escaped(target)}"} ${seconds}\n`;
	}
	const held = "Endpoints that the source does not have any more, and that stay for a while.";
	yield `\n${head("fingerpost_held_endpoints", held)}`;
	for (const { target, held } of targets) {
		yield `fingerpost_held_endpoints{target="${escaped(target)}"} ${held?.endpoints.length ?? 0}\n`;
	}
	yield "\n";
}

/** Each target once. Endpoints written out in the config have no source that could fail. */
function* worstTargets(services: Iterable<ServiceState>): Generator<"", readonly KeptStatus[]> {
	const worst = new Map<string, KeptStatus>();
	for (const { targets } of services) {
		for (const status of targets) {
			if (status.target === "inline") continue;
			const known = worst.get(status.target);
			if (!known || TARGET_STATES.indexOf(status.state) > TARGET_STATES.indexOf(known.state)) {
				worst.set(status.target, status);
			}
		}
		yield "";
	}
	return [...worst.values()];
}

function head(name: string, help: string): string {
	return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
}

function escaped(label: string): string {
	return label.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
