import type { Logger } from "pino";
import type { EventHub, NackEvent } from "../admin/events/event-hub.js";
import type { Metrics } from "../admin/metrics/metrics.js";
import type { LimitName } from "../model/limits.js";
import type { ServerEvents } from "../server/transport/server-events.js";
import type { ServiceMemory } from "./history/service-memory.js";
import type { ClientLog } from "./log/client-log.js";
import { logLine } from "./log/log-line.js";
import { logRequest, logResponse } from "./log/message-log.js";
import type { LogMessage } from "./log/messages.js";
import { shown, shownError } from "./log/shown.js";
import type { NearestServices } from "./nearest-services.js";
import type { Security } from "./security/security.js";

/** Of limits that concern an address, and no stream that is known yet. */
const AT_THE_DOOR = {
	streams: "stream refused: there are as many as xds.limits allows, in all or from this address",
	connections: "connection refused: there are as many as xds.limits allows, in all or from this address",
	frames: "connection ended, or refused for 5 s after that: it costs far more than its requests",
} as const satisfies Partial<Record<LimitName, LogMessage>>;

export interface StreamLogParts {
	readonly log: Logger;
	readonly clients: ClientLog;
	readonly metrics: Metrics;
	readonly events: EventHub;
	readonly nearest: NearestServices;
	readonly security: Security;
	readonly memory: ServiceMemory;
}

/** Logs and counts what the server tells of its streams. */
export function streamEvents({
	log,
	clients,
	metrics,
	events,
	nearest,
	security,
	memory,
}: StreamLogParts): ServerEvents {
	return {
		connected: (stream) => {
			events.client(stream.stream);
			clients.write("client connected", stream);
		},
		disconnected: (stream, error) => {
			events.client(stream.stream);
			if (error) clients.write("client disconnected with an error", { ...stream, error: shownError(error.message) });
			else clients.write("client disconnected", stream);
		},
		limited: (stream, limit) => {
			metrics.limited(limit);
			// The others end their stream, and its end is told.
			if (limit === "requestsPerSecond")
				clients.write("client sends more requests than xds.limits allows; they are read more slowly", {
					...stream,
					limit,
				});
			if (limit === "zones")
				clients.write("clients name more zones than xds.limits allows; they get what clients without a zone get", {
					...stream,
					limit,
				});
			if (limit === "streams" || limit === "connections" || limit === "frames")
				clients.write(AT_THE_DOOR[limit], { address: stream.address, limit });
		},
		unauthenticated: (address, reason) => security.unproven(address, reason),
		refused: (address, reason) => security.refused("xds", address, reason),
		pushed: (type, mode) => metrics.pushed(type.id, mode),
		acked: (stream, type, seconds, response) => {
			events.client(stream.stream);
			metrics.acked(type.id);
			memory.acked(stream, type.id, seconds, response);
			if (seconds !== undefined) metrics.converged(type.id, stream.family, seconds);
		},
		nacked: (stream, type, answer) => {
			const { response, error, first } = answer;
			metrics.nacked(type.id, stream.family);
			events.client(stream.stream);
			if (!first) return;
			memory.nacked(stream, type.id, response, error);
			const { version, content } = response;
			const rejected = answer.outcome?.culprits ?? content.resources.map(({ name }) => name);
			const fields = { ...stream, type: type.id, version, resources: shown(rejected), error: shownError(error) };
			if (events.wants("nacks")) events.nack({ at: new Date().toISOString(), ...nackOf(fields) });
			clients.write("client rejected a response", fields);
		},
		searched: (stream, type, { culprits, undecided, error }) => {
			const what = {
				...(culprits.length > 0 && { culprits: shown(culprits) }),
				...(undecided.length > 0 && { undecided: shown(undecided) }),
			};
			const fields = { ...stream, type: type.id, ...what, error: shownError(error) };
			clients.write("client rejects these resources; they are not sent again until they change", fields);
		},
		asksNothing: (stream, type) =>
			clients.write("client asks for no names: EDS and RDS have no wildcard, so it gets nothing", {
				...stream,
				type: type.id,
			}),
		missing: (stream, type, names) => {
			if (!clients.wants("client asks for a name that no service has")) return;
			for (const name of names) {
				const [asked] = shown([name]);
				if (nearest.has(name)) {
					clients.write("client asks for a service that no rule lets it see", {
						...stream,
						type: type.id,
						name: asked,
					});
					continue;
				}
				clients.write("client asks for a name that no service has", {
					...stream,
					type: type.id,
					name: asked,
					nearest: nearest.of(name),
				});
			}
		},
		requested: (stream, request, received) => {
			if (!received.ack) events.client(stream.stream);
			logRequest(clients, stream, request, received);
		},
		responded: (stream, response) => {
			events.client(stream.stream);
			logResponse(clients, stream, response);
		},
		throughGrpc: (why) =>
			logLine(log, "messages cannot go straight to HTTP/2 streams: each costs more than it should", { why }),
		failed: (error) => logLine(log, "xDS server error", { err: error }),
		unknownFamily: (stream, said) =>
			clients.write("client names a family that there is not: its user agent decides", { ...stream, said }),
		unknownType: (stream, typeUrl) =>
			clients.write("client asked for a type that is not served", { ...stream, typeUrl }),
	};
}

function nackOf({ node, stream, type, version, resources, error }: Omit<NackEvent, "at">) {
	return { node, stream, type, version, resources, error };
}
