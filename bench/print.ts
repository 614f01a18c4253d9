import type { ConfigChange } from "./config-change.js";
import type { Sample } from "./fan-out.js";
import type { FileToEnvoy } from "./file-to-envoy.js";
import type { KubernetesSize } from "./kubernetes-size.js";
import type { ProviderDelay } from "./providers.js";
import type { RegistrySize } from "./registry-size.js";
import type { FanOutResult } from "./results.js";
import type { ScenarioResult } from "./run-scenario.js";
import type { Scale, ScaleLook } from "./scale/scale.js";
import { type ServerName, TITLES } from "./servers.js";

interface Column {
	readonly header: string;
	readonly value: (sample: Sample) => number | undefined;
	/** Whether a ratio is printed: what was measured is the server's cost, and large enough to be compared. */
	readonly compared: boolean;
}

/** With fewer streams than this a change's cost is not that of its pushes. */
const MANY_RECEIVERS = 100;
const PUSH: Column = { header: "CPU µs/push", value: (sample) => sample.pushMicros, compared: true };

const COLUMNS: readonly Column[] = [
	{ header: "CPU ms/change", value: (sample) => sample.changeMicros / 1_000, compared: true },
	{ header: "one stream's", value: (sample) => sample.loneChangeMicros / 1_000, compared: false },
	{ header: "first ms", value: (sample) => sample.firstMs, compared: false },
	{ header: "last ms", value: (sample) => sample.lastMs, compared: false },
	{ header: "bytes/push", value: (sample) => sample.bytesPerPush, compared: false },
	{ header: "messages", value: (sample) => sample.messagesPerChange, compared: false },
	{ header: "connect µs/stream", value: (sample) => sample.connectMicrosPerStream, compared: true },
	{ header: "RSS KiB/stream", value: (sample) => sample.rssKiBPerStream, compared: true },
	{ header: "load µs/push", value: (sample) => sample.generatorMicros, compared: false },
];
const RECONNECT: readonly Column[] = [
	{ header: "reconnect CPU ms", value: (sample) => sample.reconnectMs, compared: true },
	{ header: "kB sent", value: (sample) => sample.reconnectBytes && sample.reconnectBytes / 1_000, compared: false },
];

export function printFanOut(result: FanOutResult): void {
	const { name, mode, services, endpoints, streams, wanted, receivers, medians } = result;
	const columns = [
		...(receivers < MANY_RECEIVERS ? [] : [PUSH]),
		...COLUMNS,
		...(medians.fingerpost?.reconnectMs === undefined ? [] : RECONNECT),
	];
	const servers = Object.entries(medians) as [ServerName, Sample][];
	const own = medians.fingerpost;
	const rows = servers.map(([server, sample]) => [
		TITLES[server],
		...columns.map(({ value }) => number(value(sample))),
	]);
	const ratios = servers
		.filter(([server]) => server !== "fingerpost")
		.map(([server, sample]) => [
			`Fingerpost / ${TITLES[server]}`,
			...columns.map(({ value, compared }) => (compared && own ? ratio(value(own), value(sample)) : "")),
		]);
	print(
		`${name} ${mode}: ${streams} streams, each wants ${wanted} of ${services} services of ${endpoints}; a change reaches ${receivers}`,
		table([["", ...columns.map(({ header }) => header)], ...rows, ...ratios]),
	);
}

/** What a push costs, or a change that reaches few, in each case: Fingerpost's, and the others' as a multiple of it. */
export function printSummary(results: readonly FanOutResult[]): void {
	const servers = Object.keys(results[0]?.medians ?? {}) as ServerName[];
	const rows = results.map(({ name, mode, receivers, medians }) => {
		const many = receivers >= MANY_RECEIVERS;
		const cost = (sample: Sample | undefined) => (many ? sample?.pushMicros : sample && sample.changeMicros / 1_000);
		const cells = servers.map((server) => {
			const own = number(cost(medians[server]));
			return server === "fingerpost" ? own : `${own} ${ratio(cost(medians[server]), cost(medians.fingerpost))}`;
		});
		return [`${name} ${mode}, CPU ${many ? "µs a push" : "ms a change"}`, ...cells];
	});
	print("in short; × is how many times Fingerpost's", table([["", ...servers.map((name) => TITLES[name])], ...rows]));
}

export function printConfigChanges(changes: readonly ConfigChange[]): void {
	const rows = changes.map(({ where, cpuMs, firstMs, lastMs }) => [where, ...[cpuMs, firstMs, lastMs].map(number)]);
	print(
		"from the rename of a file to 1000 streams that each want 10 of 1000 services",
		table([["", "CPU ms", "first ms", "last ms"], ...rows]),
	);
}

export function printFileToEnvoy(results: readonly FileToEnvoy[] | { readonly missing: string }): void {
	if ("missing" in results) {
		print("file to Envoy: not measured", results.missing);
		return;
	}
	for (const result of results) printOneToEnvoy(result);
}

function printOneToEnvoy(result: FileToEnvoy): void {
	const { format, envoy, services, configBytes, readyMs, medianMs, maxMs, steps } = result;
	const rows = [
		["", "median ms"],
		["event, 20 ms of quiet, reading, checks, what changed", number(steps.reloadedMs)],
		[`  of it ${format} and checks, measured apart`, number(steps.parsedMs)],
		["  the longest that this holds the event loop", number(steps.heldMs)],
		["merging, encoding, push to a bare client", number(steps.pushedMs)],
		["Envoy, until its stats show it", number(steps.shownMs)],
		["from rename to Envoy's stats", number(medianMs)],
		["the longest of thirty", number(maxMs)],
		["from start to ready line", number(readyMs)],
	];
	print(
		`file to Envoy ${envoy}: one endpoint of ${services} services × 10 changed in a config of ${configBytes >> 10} KiB of ${format}`,
		table(rows),
	);
}

export function printProviders(delays: readonly ProviderDelay[]): void {
	const rows = [["", "median ms", "longest ms"]];
	for (const { source, medianMs, maxMs } of delays) rows.push([source, number(medianMs), number(maxMs)]);
	print("from the change at the source to a client's ACK", table(rows));
}

const SIZE_COLUMNS: Readonly<Record<Exclude<keyof KubernetesSize, "namespaces">, string>> = {
	syncedMs: "in sync after ms",
	syncedCpuMs: "CPU ms",
	syncedMb: "RSS MB",
	firstClientMs: "a client has all after ms",
	servingMb: "RSS MB",
	mostMb: "most ever",
	changeMs: "change to client ms",
	changeCpuMs: "CPU ms/change",
	resourcesPerChange: "resources/change",
};

export function printKubernetesSize(sizes: readonly KubernetesSize[] | { readonly missing: string }): void {
	if ("missing" in sizes) {
		print("Kubernetes at size: not measured", sizes.missing);
		return;
	}
	const keys = Object.keys(SIZE_COLUMNS) as (keyof typeof SIZE_COLUMNS)[];
	const rows = sizes.map((size) => [`${size.namespaces} namespaces`, ...keys.map((key) => number(size[key]))]);
	print("Kubernetes: 5,000 services × 10 endpoints", table([["", ...Object.values(SIZE_COLUMNS)], ...rows]));
}

const REGISTRY_COLUMNS: Readonly<Record<Exclude<keyof RegistrySize, "registry">, string>> = {
	services: "services",
	syncedMs: "in sync after ms",
	syncedCpuMs: "CPU ms",
	syncedMb: "RSS MB",
	mostMb: "most ever",
	changeMs: "change to client ms",
	changeCpuMs: "CPU ms/change",
	resourcesPerChange: "resources/change",
	newServiceMs: "new service ms",
};

export function printRegistrySizes(sizes: readonly RegistrySize[]): void {
	const keys = Object.keys(REGISTRY_COLUMNS) as (keyof typeof REGISTRY_COLUMNS)[];
	const rows = sizes.map((size) => [size.registry, ...keys.map((key) => number(size[key]))]);
	print("whole registries of services × 10 endpoints", table([["", ...Object.values(REGISTRY_COLUMNS)], ...rows]));
}

const LOOK_COLUMNS: Readonly<Record<keyof ScaleLook, string>> = {
	seconds: "after s",
	rssMb: "RSS MB",
	cores: "cores",
	loadCores: "load's cores",
	p50Ms: "stale p50 ms",
	p99Ms: "p99 ms",
	maxMs: "longest ms",
	pushesPerSecond: "pushes/s",
};
/** How many of the looks are printed. */
const SHOWN_LOOKS = 12;

export function printScale(result: Scale): void {
	const { streams, services, wanted, changesPerSecond, medians, looks } = result;
	const keys = Object.keys(LOOK_COLUMNS) as (keyof ScaleLook)[];
	const every = Math.ceil(looks.length / SHOWN_LOOKS);
	const shown = looks.filter((_, i) => (looks.length - 1 - i) % every === 0);
	const rows = [...shown, { ...medians, seconds: undefined }].map((look) => keys.map((key) => number(look[key])));
	print(
		`scale: ${streams} streams, each wants ${wanted} of ${services} services, ${changesPerSecond} changes a second; the last line has the medians once connected`,
		table([Object.values(LOOK_COLUMNS), ...rows]),
		"",
		table([
			["all connected after ms", number(result.connectedMs)],
			["  CPU ms", number(result.connectCpuMs)],
			["RSS MB before the first", number(result.emptyMb)],
			["RSS MB, the most", number(result.mostMb)],
			["in use at the end, MB", number(result.usedMb)],
			["changes", number(result.changes)],
			["states not the newest at the end", number(result.behind)],
		]),
	);
}

/** A row for each variant and server. */
export function printScenario({ title, columns, rows }: ScenarioResult): void {
	const keys = Object.keys(columns);
	const lines = rows.map(({ server, variant, median }) => [
		[TITLES[server], variant].filter(Boolean).join(", "),
		...keys.map((key) => number(median[key])),
	]);
	print(title, table([["", ...Object.values(columns)], ...lines]));
}

function print(...paragraphs: string[]): void {
	process.stdout.write(`${paragraphs.join("\n")}\n\n`);
}

function number(value: number | undefined): string {
	if (value === undefined || Number.isNaN(value)) return "-";
	return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

function ratio(a: number | undefined, b: number | undefined): string {
	return a !== undefined && b !== undefined && b > 0 ? `×${(a / b).toFixed(2)}` : "-";
}

function table(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map((row) =>
			row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
		)
		.join("\n");
}
