import type { Sample } from "./fan-out.js";
import type { FileToEnvoy } from "./file-to-envoy.js";
import type { ProviderDelay } from "./providers.js";
import type { FanOutResult } from "./run.js";

interface Column {
	readonly header: string;
	readonly value: (sample: Sample) => number;
	/** Whether both servers do the same for it: only Fingerpost waits for a file and reads it. */
	readonly compared: boolean;
}

/** What a push costs is the difference of two numbers; with fewer streams than this it is all noise. */
const MANY_RECEIVERS = 100;
const PUSH: Column = { header: "CPU µs/push", value: (sample) => sample.pushMicros, compared: true };

const COLUMNS: readonly Column[] = [
	{ header: "CPU ms/change", value: (sample) => sample.changeMicros / 1_000, compared: true },
	{ header: "one stream's", value: (sample) => sample.loneChangeMicros / 1_000, compared: false },
	{ header: "first ms", value: (sample) => sample.firstMs, compared: false },
	{ header: "last ms", value: (sample) => sample.lastMs, compared: false },
	{ header: "connect µs/stream", value: (sample) => sample.connectMicrosPerStream, compared: true },
	{ header: "RSS KiB/stream", value: (sample) => sample.rssKiBPerStream, compared: true },
];

export function printFanOut(result: FanOutResult): void {
	const { name, mode, services, streams, wanted, receivers, fingerpost, bare } = result;
	const columns = receivers < MANY_RECEIVERS ? COLUMNS : [PUSH, ...COLUMNS];
	const rows = [
		["", ...columns.map(({ header }) => header)],
		...[["Fingerpost", fingerpost] as const, ["bare grpc-js", bare] as const].map(([who, sample]) => [
			who,
			...columns.map(({ value }) => number(value(sample))),
		]),
		["ratio", ...columns.map(({ value, compared }) => (compared ? ratio(value(fingerpost), value(bare)) : ""))],
	];
	const config = `${number((fingerpost.configChangeMicros ?? 0) / 1_000)} ms CPU, last after ${number(fingerpost.configLastMs)} ms`;
	print(
		`${name} ${mode}: ${streams} streams, each wants ${wanted} of ${services} services; a change reaches ${receivers}`,
		table(rows),
		`the same change in the config file: ${config}`,
	);
}

export function printFileToEnvoy(result: FileToEnvoy | { readonly missing: string }): void {
	if ("missing" in result) {
		print("file to Envoy: not measured", result.missing);
		return;
	}
	const { envoy, services, configBytes, readyMs, medianMs, maxMs, steps } = result;
	const rows = [
		["", "median ms"],
		["event, 20 ms of quiet, reading, YAML, what changed", number(steps.reloadedMs)],
		["  of it YAML and checks, measured apart", number(steps.parsedMs)],
		["merging, encoding, push to a bare client", number(steps.pushedMs)],
		["Envoy, until its stats show it", number(steps.shownMs)],
		["from rename to Envoy's stats", number(medianMs)],
		["the longest of thirty", number(maxMs)],
		["from start to ready line", number(readyMs)],
	];
	print(
		`file to Envoy ${envoy}: one endpoint of ${services} services × 10 changed in a config of ${configBytes >> 10} KiB`,
		table(rows),
	);
}

export function printProviders(delays: readonly ProviderDelay[]): void {
	const rows = [["", "median ms", "longest ms"]];
	for (const { source, medianMs, maxMs } of delays) rows.push([source, number(medianMs), number(maxMs)]);
	print("from the change at the source to a client's ACK, thirty changes each", table(rows));
}

function print(...paragraphs: string[]): void {
	process.stdout.write(`${paragraphs.join("\n")}\n\n`);
}

function number(value: number | undefined): string {
	if (value === undefined || Number.isNaN(value)) return "-";
	return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

function ratio(a: number, b: number): string {
	return b > 0 ? `×${(a / b).toFixed(2)}` : "-";
}

function table(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map((row) =>
			row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
		)
		.join("\n");
}
