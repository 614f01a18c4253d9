import { plot } from "./plot.js";
import type { Scale, ScaleLook } from "./scale.js";

/** Memory, CPU and staleness over time, as an SVG. */
export function plotScale({ streams, services, wanted, changesPerSecond, looks }: Scale): string {
	const line = (label: string, key: keyof ScaleLook) => ({ label, values: looks.map((look) => look[key]) });
	const [many, all] = [streams, services].map((count) => count.toLocaleString("en"));
	return plot({
		title: `${many} streams, each wants ${wanted} of ${all} services, ${changesPerSecond} changes a second`,
		seconds: looks.map(({ seconds }) => seconds),
		panels: [
			{ title: "Resident memory, MB", lines: [line("server", "rssMb")] },
			{ title: "CPU, cores", lines: [line("server", "cores"), line("load generator", "loadCores")] },
			{ title: "From a change to its streams, ms", lines: [line("median", "p50Ms"), line("99th percentile", "p99Ms")] },
		],
	});
}
