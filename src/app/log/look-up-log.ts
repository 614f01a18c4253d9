import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Logger } from "pino";
import { ANSWER_CHANNEL, type AnswerTrace, LOOK_UP_CHANNEL, type LookUpTrace } from "../../providers/look-ups.js";
import { cleanText } from "../../util/text/clean-text.js";
import { isLogged, logLine } from "./log-line.js";

/** Of what a source says. */
const MAX_TEXT = 2_000;

/**
 * Logs what sources are asked and what they say, at debug. They are those of the whole process, as nobody says for whom
 * one asks.
 * @returns what ends it. Nothing is listened for where the log is not at debug by now.
 */
export function logLookUps(log: Logger): Disposable {
	if (!isLogged(log, "look-up")) return { [Symbol.dispose]() {} };
	const asked = (message: unknown) => {
		const { source, question, answer, error, seconds } = message as LookUpTrace;
		logLine(log, "look-up", { source, question, answer, seconds: rounded(seconds), error: error && clean(error) });
	};
	const answered = (message: unknown) => {
		const { error, ...trace } = message as AnswerTrace;
		if (error === undefined) logLine(log, "target answered", trace);
		else logLine(log, "target did not answer", { target: trace.target, state: trace.state, error: clean(error) });
	};
	subscribe(LOOK_UP_CHANNEL, asked);
	subscribe(ANSWER_CHANNEL, answered);
	return {
		[Symbol.dispose]() {
			unsubscribe(LOOK_UP_CHANNEL, asked);
			unsubscribe(ANSWER_CHANNEL, answered);
		},
	};
}

/** Seconds to the microsecond. */
export function rounded(seconds: number): number {
	return Math.round(seconds * 1e6) / 1e6;
}

function clean(text: string): string {
	return cleanText(text, { max: MAX_TEXT });
}
