import { styleText } from "node:util";
import { type CliIo, wantsColour } from "../cli-io.js";
import { printable } from "../output/table.js";
import type { ChangedService, ConfigDiff, DiffedService } from "./config-diff.js";

/** More endpoints or targets of a service than these are only counted. */
const MAX_LINES = 20;

/** A line for each thing that is new (`+`), gone (`-`) or other (`~`), and a line with the numbers. */
export function diffText(diff: ConfigDiff, io: CliIo): string {
	const colours = wantsColour(io.stdout, io.env);
	const { added, removed, changed, providers } = diff;
	const lines = [
		...added.flatMap((service) => wholeLines("+", service)),
		...removed.flatMap((service) => wholeLines("-", service)),
		...changed.flatMap(changeLines),
		...providers.map((name) => `~ provider ${name}: its targets are asked anew`),
	];
	const counts = `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
	return `${[...lines.map((line) => paint(printable(line), colours)), counts].join("\n")}\n`;
}

function wholeLines(sign: string, { name, endpoints, targets }: DiffedService): string[] {
	return [`${sign} service ${name}`, ...listed(sign, "endpoint", endpoints), ...listed(sign, "target", targets)];
}

function changeLines({ name, cluster, endpoints, targets }: ChangedService): string[] {
	return [
		`~ service ${name}`,
		...listed("~", "cluster", cluster),
		...listed("+", "endpoint", endpoints.added),
		...listed("-", "endpoint", endpoints.removed),
		...listed("~", "endpoint", endpoints.changed),
		...listed("+", "target", targets.added),
		...listed("-", "target", targets.removed),
	];
}

function listed(sign: string, what: string, texts: readonly string[]): string[] {
	const shown = texts.slice(0, MAX_LINES).map((text) => `  ${sign} ${what} ${text}`);
	const more = texts.length - shown.length;
	return more > 0 ? [...shown, `  ${sign} ${more} more ${what}s`] : shown;
}

const COLOURS = { "+": "green", "-": "red", "~": "yellow" } as const;

function paint(line: string, colours: boolean): string {
	const colour = COLOURS[line.trimStart()[0] as keyof typeof COLOURS];
	return colours && colour ? styleText(colour, line, { validateStream: false }) : line;
}
