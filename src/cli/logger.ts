import { type Logger, pino } from "pino";
import { logLine } from "../app/log/log-line.js";
import type { LogLevel } from "../app/log/messages.js";
import { descriptorOutput, LineSink } from "../util/lines/line-sink.js";
import { type CliIo, wantsColour } from "./cli-io.js";
import { prettyLine } from "./output/pretty-line.js";

export const LOG_FORMATS = ["auto", "json", "pretty"] as const;
/** `auto` is `pretty` on a terminal and `json` elsewhere. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** A logger, and what its lines go through on their way to stderr. */
export interface LogToStderr {
	readonly log: Logger;
	readonly sink: LineSink;
}

const STDERR = 2;

/** A logger to stderr, as stdout is for data. Logging never waits and never fails, whatever stderr is. */
export function createLogger(level: LogLevel, format: LogFormat, io: Pick<CliIo, "stderr" | "env">): LogToStderr {
	const sink = new LineSink(descriptorOutput(STDERR), {
		onRecovered: (lines, why) => logLine(log, "log lines were dropped: they could not be written", { lines, why }),
	});
	const isPretty = format === "pretty" || (format === "auto" && io.stderr.isTTY === true);
	const colours = wantsColour(io.stderr, io.env);
	const write = isPretty ? (line: string) => sink.write(prettyLine(line, colours)) : (line: string) => sink.write(line);
	const formatters = { level: (label: string) => ({ level: label }) };
	const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, { write });
	return { log, sink };
}
