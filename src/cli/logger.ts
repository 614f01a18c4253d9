import { type Logger, pino } from "pino";
import { prettyFactory } from "pino-pretty";
import { descriptorOutput, LineSink } from "../util/lines/line-sink.js";
import { type CliIo, wantsColour } from "./cli-io.js";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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
		onRecovered: (lines, why) => log.warn({ lines, why }, "log lines were dropped: they could not be written"),
	});
	const isPretty = format === "pretty" || (format === "auto" && io.stderr.isTTY === true);
	// Not as a stream: its own buffer would have no bound.
	const pretty = prettyFactory({ ignore: "pid,hostname", colorize: wantsColour(io.stderr, io.env) });
	const write = isPretty ? (line: string) => sink.write(pretty(line)) : (line: string) => sink.write(line);
	const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
	return { log, sink };
}
