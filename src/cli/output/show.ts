import { cleanJson } from "../../util/text/clean-text.js";
import { type CliIo, wantsColour } from "../cli-io.js";
import { type Changes, follow } from "./follow.js";
import { interruptSignal } from "./interrupt-signal.js";
import { printable } from "./table.js";

export const OUTPUTS = ["table", "wide", "json", "yaml"] as const;
/** Of lists of what has a name. */
export const LIST_OUTPUTS = [...OUTPUTS, "name"] as const;

export interface ShowOptions {
	readonly output: (typeof LIST_OUTPUTS)[number];
	/** False: rows alone, for programs that read tables. */
	readonly headers?: boolean;
	readonly watch?: boolean;
}

/** What is shown to people; programs take JSON. */
export interface View<T> {
	/** Empty if there is nothing to show. */
	readonly table: (value: T, style: TableStyle) => string;
	/** What is then said instead, on stderr. */
	readonly nothing: string;
	/** The names in it, for `-o name`. */
	readonly names?: (value: T) => readonly string[];
	/** What JSON and YAML are made of; all of it unless given. */
	readonly json?: (value: T) => unknown;
}

/** How a table is drawn. */
export interface TableStyle {
	readonly wide: boolean;
	readonly colours: boolean;
	/** What ages are counted from. */
	readonly now: Date;
	/** False: nothing but the rows. */
	readonly headers?: boolean | undefined;
	/** How wide the terminal is; undefined where it is none. */
	readonly columns?: number | undefined;
}

const CLEAR_SCREEN = "\u001b[2J\u001b[3J\u001b[H";
/** While nothing changes, the ages on a terminal go on: milliseconds. */
const AGES_MS = 2_000;
/** Elsewhere it is written again, as else nobody would notice that whoever read it has gone: milliseconds. */
const AGAIN_MS = 10_000;

/**
 * Prints what `read` gives: JSON and YAML as they come, else as a table. With `watch` again at each change until SIGINT,
 * SIGTERM or the end of whoever reads it; then only a failure of the first reading is one.
 * @param changes tells when to read again; it is needed for `watch`.
 * @returns the exit code
 */
export async function show<T>(
	options: ShowOptions,
	read: () => Promise<T>,
	view: View<T>,
	io: CliIo,
	changes?: Changes,
): Promise<number> {
	const print = await printer(options, view, io);
	let value = await read();
	print(value);
	if (!options.watch || !changes) return 0;

	using interrupt = interruptSignal();
	const signal = AbortSignal.any([interrupt.signal, io.closed]);
	const isTable = options.output === "table" || options.output === "wide";
	const ages = setInterval(() => print(value), isTable && io.stdout.isTTY ? AGES_MS : AGAIN_MS);
	let shown = JSON.stringify(value);
	const again = async () => {
		value = await read();
		const now = JSON.stringify(value);
		if (now === shown) return;
		shown = now;
		ages.refresh();
		print(value);
	};
	const failed = (error: string) => {
		// What comes next is news, even if it is the same.
		shown = "";
		io.stderr.write(`error: ${error}\n`);
	};
	try {
		await follow(changes, again, failed, signal);
	} finally {
		clearInterval(ages);
	}
	return 0;
}

async function printer<T>(
	{ output, headers, watch = false }: ShowOptions,
	view: View<T>,
	io: CliIo,
): Promise<(value: T) => void> {
	const json = view.json ?? ((value: T) => value);
	if (output === "json") {
		// One line each while watching, so that a program can read line by line.
		return (value) => io.stdout.write(`${cleanJson(JSON.stringify(json(value), null, watch ? undefined : 2))}\n`);
	}
	if (output === "yaml") {
		const { stringify } = await import("yaml");
		return (value) => io.stdout.write(`${watch ? "---\n" : ""}${cleanJson(stringify(json(value), { lineWidth: 0 }))}`);
	}
	if (output === "name") {
		return (value) => {
			const lines = view.names?.(value).map((name) => `${printable(name)}\n`) ?? [];
			if (lines.length > 0) io.stdout.write(lines.join(""));
		};
	}
	let first = true;
	return (value) => {
		const { isTTY, columns } = io.stdout;
		const colours = wantsColour(io.stdout, io.env);
		const style = { wide: output === "wide", colours, now: new Date(), headers, columns: isTTY ? columns : undefined };
		const before = !watch ? "" : isTTY ? CLEAR_SCREEN : first ? "" : "\n";
		first = false;
		const table = view.table(value, style);
		if (table !== "" || watch) io.stdout.write(before + table);
		if (table === "") io.stderr.write(`${view.nothing}\n`);
	};
}
