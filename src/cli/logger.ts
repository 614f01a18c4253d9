import { type DestinationStream, destination, type Logger, pino } from "pino";
import { PinoPretty } from "pino-pretty";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ["auto", "json", "pretty"] as const;
/** `auto` is `pretty` on a terminal and `json` elsewhere. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** A logger to stderr: stdout is for data. */
export function createLogger(level: LogLevel, format: LogFormat): Logger {
	const pretty = format === "pretty" || (format === "auto" && process.stderr.isTTY === true);
	const stream: DestinationStream = pretty
		? PinoPretty({ destination: 2, sync: true, ignore: "pid,hostname", colorize: !process.env.NO_COLOR })
		: destination({ dest: 2, sync: true });
	return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}
