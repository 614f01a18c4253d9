import type { Logger } from "pino";
import type { Metrics } from "../admin/metrics.js";
import type { ServerEvents } from "../server/transport/server-events.js";
import { cleanText } from "../util/clean-text.js";
import { LineBudget } from "../util/line-budget.js";

/** More resources than this are not named in a line, and of a name no more characters. */
const MAX_RESOURCES = 20;
const MAX_NAME = 256;

/** Logs and counts what the server tells of its streams. */
export function streamEvents(log: Logger, metrics: Metrics): ServerEvents {
	const budget = new LineBudget();
	// What a client can cause as often as it likes.
	const warn = (fields: object, message: string) => {
		const unlogged = budget.take();
		if (unlogged !== undefined) log.warn({ ...fields, ...(unlogged > 0 && { unlogged }) }, message);
	};
	return {
		connected: (stream) => log.info(stream, "client connected"),
		disconnected: (stream, error) => {
			if (error) warn({ ...stream, error: error.message }, "client disconnected");
			else log.info(stream, "client disconnected");
		},
		limited: (stream, limit) => {
			metrics.limited(limit);
			// The others end their stream, and its end is told.
			if (limit === "requestsPerSecond")
				warn({ ...stream, limit }, "client sends more requests than xds.limits allows; they are read more slowly");
			else if (limit === "streams")
				warn({ address: stream.address, limit }, "stream refused: there are as many as xds.limits allows");
		},
		pushed: (type, mode) => metrics.pushed(type.id, mode),
		acked: (_, type, seconds) => {
			metrics.acked(type.id);
			if (seconds !== undefined) metrics.converged(seconds);
		},
		nacked: (stream, type, answer) => {
			const { response, error, first } = answer;
			metrics.nacked(type.id, stream.family);
			if (!first) return;
			const { version, content } = response;
			const rejected = answer.outcome?.culprits ?? content.resources.map(({ name }) => name);
			const resources = shown(rejected);
			log.warn({ ...stream, type: type.id, version, resources, error }, "client rejected a response");
		},
		searched: (stream, type, { culprits, undecided, error }) => {
			const what = {
				...(culprits.length > 0 && { culprits: shown(culprits) }),
				...(undecided.length > 0 && { undecided: shown(undecided) }),
			};
			log.warn(
				{ ...stream, type: type.id, ...what, error },
				"client rejects these resources; they are not sent again until they change",
			);
		},
		throughGrpc: (why) =>
			log.warn({ why }, "messages cannot go straight to HTTP/2 streams: each costs more than it should"),
		failed: (error) => log.error({ err: error }, "xDS server error"),
		unknownType: (stream, typeUrl) => log.info({ ...stream, typeUrl }, "client asked for a type that is not served"),
	};
}

/** A client may ask for a name that is none, and is answered with it. */
function shown(names: readonly string[]): string[] {
	return names.slice(0, MAX_RESOURCES).map((name) => cleanText(name, { max: MAX_NAME }));
}
