import type { Logger } from "pino";
import type { Metrics } from "../admin/metrics/metrics.js";
import type { LimitName } from "../model/limits.js";
import type { ServerEvents } from "../server/transport/server-events.js";
import { cleanText } from "../util/text/clean-text.js";
import type { ClientLog } from "./client-log.js";

/** More resources than this are not named in a line, and of a name no more characters. */
const MAX_RESOURCES = 20;
const MAX_NAME = 256;
/** Of a client's error; the admin API has more of it. */
const MAX_ERROR = 2_000;

/** Of limits that concern an address, and no stream that is known yet. */
const AT_THE_DOOR: Readonly<Partial<Record<LimitName, string>>> = {
	streams: "stream refused: there are as many as xds.limits allows, in all or from this address",
	connections: "connection refused: there are as many as xds.limits allows, in all or from this address",
	frames: "connection ended, or refused for 5 s after that: it costs far more than its requests",
};

/** Logs and counts what the server tells of its streams. */
export function streamEvents(log: Logger, clients: ClientLog, metrics: Metrics): ServerEvents {
	const warn = clients.write.bind(clients, "warn");
	const info = clients.write.bind(clients, "info");
	return {
		connected: (stream) => info({ ...stream }, "client connected"),
		disconnected: (stream, error) => {
			if (error) warn({ ...stream, error: shownError(error.message) }, "client disconnected");
			else info({ ...stream }, "client disconnected");
		},
		limited: (stream, limit) => {
			metrics.limited(limit);
			// The others end their stream, and its end is told.
			if (limit === "requestsPerSecond")
				warn({ ...stream, limit }, "client sends more requests than xds.limits allows; they are read more slowly");
			else if (AT_THE_DOOR[limit]) warn({ address: stream.address, limit }, AT_THE_DOOR[limit]);
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
			const fields = { ...stream, type: type.id, version, resources, error: shownError(error) };
			warn(fields, "client rejected a response");
		},
		searched: (stream, type, { culprits, undecided, error }) => {
			const what = {
				...(culprits.length > 0 && { culprits: shown(culprits) }),
				...(undecided.length > 0 && { undecided: shown(undecided) }),
			};
			const fields = { ...stream, type: type.id, ...what, error: shownError(error) };
			warn(fields, "client rejects these resources; they are not sent again until they change");
		},
		asksNothing: (stream, type) =>
			info({ ...stream, type: type.id }, "client asks for no names: EDS and RDS have no wildcard, so it gets nothing"),
		throughGrpc: (why) =>
			log.warn({ why }, "messages cannot go straight to HTTP/2 streams: each costs more than it should"),
		failed: (error) => log.error({ err: error }, "xDS server error"),
		unknownType: (stream, typeUrl) => info({ ...stream, typeUrl }, "client asked for a type that is not served"),
	};
}

/** A client may ask for a name that is none, and is answered with it. */
function shown(names: readonly string[]): string[] {
	return names.slice(0, MAX_RESOURCES).map((name) => cleanText(name, { max: MAX_NAME }));
}

/** The beginning of what a client says of an error. */
export function shownError(error: string): string {
	return cleanText(error, { max: MAX_ERROR, lines: true });
}
