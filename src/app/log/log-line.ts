import type { Logger } from "pino";
import { type FieldsOf, LOG_MESSAGES, type LogMessage } from "./messages.js";

/** Whether a line of this message would be written: what is costly to find out for it is not worth it else. */
export function isLogged(log: Logger, message: LogMessage): boolean {
	return log.isLevelEnabled(LOG_MESSAGES[message].level);
}

/** Writes a line, at the level of its message and with the fields that it can have, in their order. */
export function logLine<M extends LogMessage>(log: Logger, message: M, fields: FieldsOf<M>): void {
	const { level, fields: names } = LOG_MESSAGES[message];
	if (!log.isLevelEnabled(level)) return;
	const shown: Record<string, unknown> = {};
	for (const name of names as readonly (keyof FieldsOf<M>)[])
		if (fields[name] !== undefined) shown[name as string] = fields[name];
	log[level](shown, message);
}
