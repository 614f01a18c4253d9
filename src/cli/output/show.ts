import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../util/errors.js";
import { cleanJson } from "../../util/text/clean-text.js";
import { type CliIo, wantsColour } from "../cli-io.js";

export const OUTPUTS = ["table", "wide", "json", "yaml"] as const;

export interface ShowOptions {
	readonly output: (typeof OUTPUTS)[number];
	readonly watch?: boolean;
}

/** What is shown to people; programs take JSON. */
export interface View<T> {
	/** Empty if there is nothing to show. */
	readonly table: (value: T, style: TableStyle) => string;
	/** What is then said instead, on stderr. */
	readonly nothing: string;
}

/** How a table is drawn. */
export interface TableStyle {
	readonly wide: boolean;
	readonly colours: boolean;
	/** What ages are counted from. */
	readonly now: Date;
}

const WATCH_INTERVAL_MS = 2_000;
const CLEAR_SCREEN = "\u001b[2J\u001b[3J\u001b[H";

/**
 * Prints what `read` gives: JSON and YAML as they come, else as a table. With `watch` again every 2 s until SIGINT,
 * SIGTERM or the end of whoever reads it; then only a failure of the first reading is one.
 * @returns the exit code
 */
export async function show<T>(options: ShowOptions, read: () => Promise<T>, view: View<T>, io: CliIo): Promise<number> {
	const print = await printer(options, view, io);
	print(await read());
	if (!options.watch) return 0;

	using interrupt = interruptSignal();
	const signal = AbortSignal.any([interrupt.signal, io.closed]);
	for (;;) {
		// Its only error is the abort, which is looked at below.
		await delay(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => {});
		if (signal.aborted) return 0;
		try {
			print(await read());
		} catch (error) {
			// The control plane may be on its way back.
			io.stderr.write(`error: ${messageOf(error).split("\n", 1)}\n`);
		}
	}
}

async function printer<T>(
	{ output, watch = false }: ShowOptions,
	view: View<T>,
	io: CliIo,
): Promise<(value: T) => void> {
	if (output === "json") {
		// One line each while watching, so that a program can read line by line.
		return (value) => io.stdout.write(`${cleanJson(JSON.stringify(value, null, watch ? undefined : 2))}\n`);
	}
	if (output === "yaml") {
		const { stringify } = await import("yaml");
		return (value) => io.stdout.write(`${watch ? "---\n" : ""}${cleanJson(stringify(value, { lineWidth: 0 }))}`);
	}
	let first = true;
	return (value) => {
		const style = { wide: output === "wide", colours: wantsColour(io.stdout, io.env), now: new Date() };
		const before = !watch ? "" : io.stdout.isTTY ? CLEAR_SCREEN : first ? "" : "\n";
		first = false;
		const table = view.table(value, style);
		if (table !== "" || watch) io.stdout.write(before + table);
		if (table === "") io.stderr.write(`${view.nothing}\n`);
	};
}

/** Fires on SIGINT and SIGTERM, which then no longer end the process by themselves. */
export function interruptSignal(): Disposable & { readonly signal: AbortSignal } {
	const abort = new AbortController();
	const onSignal = () => abort.abort();
	process.once("SIGINT", onSignal);
	process.once("SIGTERM", onSignal);
	return {
		signal: abort.signal,
		[Symbol.dispose]() {
			process.off("SIGINT", onSignal);
			process.off("SIGTERM", onSignal);
		},
	};
}
