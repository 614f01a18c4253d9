// Every line that Fingerpost logs: its level, and the fields that it can have. docs/logs.md describes each, and a test
// holds the two together. A field that is not listed here is not logged.

/** From the most to the least: `silent` is no line's level, only a log's. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface Kind {
	readonly level: Exclude<LogLevel, "silent">;
	readonly fields: readonly string[];
}

/** Who a stream belongs to, and how many lines of this peer were left out before this one. */
const STREAM = ["node", "identity", "stream", "family", "userAgent", "address", "unlogged"] as const;
const POLL = ["node", "identity", "family", "userAgent", "address", "unlogged"] as const;
/** Of lines of which there are many. */
const SHORT_STREAM = ["node", "stream", "address", "unlogged"] as const;
const SERVICE = ["service", "state", "endpoints", "added", "removed", "changed", "notes"] as const;
const RESTART = ["key"] as const;

export const LOG_MESSAGES = {
	// The process and its config.
	stopping: { level: "info", fields: ["signal"] },
	stopped: { level: "info", fields: [] },
	"unexpected error": { level: "error", fields: ["err"] },
	"listens beyond this machine, without TLS or authentication": { level: "warn", fields: ["key", "address"] },
	"no traces: @opentelemetry/api cannot be loaded from where Fingerpost is": { level: "warn", fields: ["error"] },
	"config reloaded": { level: "info", fields: ["services"] },
	"the new config is not valid; the last one stays in use": { level: "error", fields: ["error"] },
	"no file events: the config file is looked at every 2 s": { level: "warn", fields: ["error"] },
	"file events for the config file work again": { level: "info", fields: [] },
	"the config file is read, as a signal asks": { level: "debug", fields: ["file"] },
	"a changed address to listen on takes effect at the next start": { level: "warn", fields: RESTART },
	"a changed time to live takes effect at the next start; to end it, start once with 0s": {
		level: "warn",
		fields: RESTART,
	},
	"changed settings of REST take effect at the next start": { level: "warn", fields: RESTART },
	"changed settings of the health port take effect at the next start": { level: "warn", fields: RESTART },
	"changed settings of TLS or of who may ask take effect at the next start": { level: "warn", fields: RESTART },
	"a changed limit takes effect at the next start": { level: "warn", fields: RESTART },
	"a changed name takes effect at the next start": { level: "warn", fields: RESTART },
	"new TLS files are in use": { level: "info", fields: ["listener", "subject", "notAfter"] },
	"the TLS files cannot be used; what was in use stays": { level: "error", fields: ["listener", "error"] },
	"the certificate needs to be replaced": { level: "warn", fields: ["listener", "subject", "note"] },
	"other admin tokens count from now on": { level: "info", fields: ["role"] },
	"a file of admin tokens cannot be used; the tokens that counted still do": {
		level: "error",
		fields: ["role", "error"],
	},
	"other keys count for tokens from now on": { level: "info", fields: ["keys", "jwks"] },
	"the keys for tokens cannot be read; those that counted still do": { level: "error", fields: ["jwks", "error"] },
	"log lines were dropped: they could not be written": { level: "warn", fields: ["lines", "why"] },
	"lines of this peer were not logged: they were too many": { level: "warn", fields: ["address", "unlogged"] },

	"a changed directory takes effect at the next start": { level: "warn", fields: RESTART },
	"a state file cannot be used, or a part of it; it is set aside": {
		level: "warn",
		fields: ["directory", "file", "reason"],
	},
	"the state cannot be kept on disk; it is tried again every 30 s": { level: "warn", fields: ["directory", "error"] },
	"the state is kept on disk again": { level: "info", fields: ["directory"] },
	"services are served as they were before the start": { level: "info", fields: ["services", "directory"] },
	"clients count in each zone as before the start, until they are back": {
		level: "info",
		fields: ["services", "directory"],
	},

	// Other replicas.
	"replica answers: its clients count": { level: "info", fields: ["replica", "id", "clients"] },
	"replica does not answer: for 60 s its clients still count": { level: "warn", fields: ["replica", "id", "error"] },
	"replica has not answered for 60 s: its clients do not count": { level: "warn", fields: ["replica", "id", "error"] },
	"replicas cannot be looked up; those that are known stay": { level: "warn", fields: ["replica", "error"] },
	"no replica answers: all clients get all endpoints": { level: "warn", fields: [] },
	"it is known where the clients of all replicas are: they get the endpoints of their zones first": {
		level: "info",
		fields: [],
	},

	// Services and their sources.
	"service added": { level: "info", fields: SERVICE },
	"service changed": { level: "info", fields: SERVICE },
	"service is back": { level: "info", fields: SERVICE },
	"service is being removed": { level: "info", fields: SERVICE },
	"service removed": { level: "info", fields: ["service"] },
	"services changed": { level: "info", fields: ["services"] },
	"service is still unknown at the sync deadline": { level: "warn", fields: SERVICE },
	"service cannot be encoded": { level: "error", fields: ["service", "type", "family", "reason"] },
	"service is too large for clients": { level: "error", fields: ["service", "type", "family", "reason"] },
	"target failed; what is known of it stays": { level: "warn", fields: ["service", "target", "state", "error"] },
	"target failed; nothing is known of it yet": { level: "warn", fields: ["service", "target", "state", "error"] },
	"target failed; its endpoints are left out": { level: "warn", fields: ["service", "target", "state", "error"] },
	"target failed; its endpoints are degraded": { level: "warn", fields: ["service", "target", "state", "error"] },
	"endpoints are held: too many would go at once": {
		level: "warn",
		fields: ["service", "target", "held", "of", "why", "answered"],
	},
	"endpoints are held no longer": { level: "info", fields: ["service", "target", "held"] },
	"service is pinned to what it was": { level: "warn", fields: ["service", "version", "endpoints", "until"] },
	"service is pinned no longer": { level: "info", fields: ["service", "version"] },
	"target has no endpoint": { level: "warn", fields: ["service", "target", "notes"] },
	"target recovered": { level: "info", fields: ["service", "target", "failedSince"] },
	"registry failed; the services that it had stay": { level: "warn", fields: ["registry", "state", "error"] },
	"registry recovered": { level: "info", fields: ["registry"] },
	"service decided": { level: "debug", fields: ["service", "state", "why", "ready", "endpoints", "targets"] },
	"target answered": { level: "debug", fields: ["target", "state", "endpoints", "differs", "notes"] },
	"target did not answer": { level: "debug", fields: ["target", "state", "error"] },
	"look-up": { level: "debug", fields: ["source", "question", "answer", "seconds", "error"] },

	// Clients.
	"client connected": { level: "info", fields: STREAM },
	"client disconnected": { level: "info", fields: STREAM },
	"client disconnected with an error": { level: "warn", fields: [...STREAM, "error"] },
	"client rejected a response": { level: "warn", fields: [...STREAM, "type", "version", "resources", "error"] },
	"client rejects these resources; they are not sent again until they change": {
		level: "warn",
		fields: [...STREAM, "type", "culprits", "undecided", "error"],
	},
	"client rejected a response by REST": { level: "warn", fields: [...POLL, "type", "version", "error"] },
	"client asks for a name that no service has": { level: "warn", fields: [...STREAM, "type", "name", "nearest"] },
	"client asks for no names: EDS and RDS have no wildcard, so it gets nothing": {
		level: "info",
		fields: [...STREAM, "type"],
	},
	"client asked for a type that is not served": { level: "info", fields: [...STREAM, "typeUrl"] },
	"clients name more zones than xds.limits allows; they get what clients without a zone get": {
		level: "warn",
		fields: [...STREAM, "limit"],
	},
	"client names a family that there is not: its user agent decides": { level: "warn", fields: [...STREAM, "said"] },
	"client sends more requests than xds.limits allows; they are read more slowly": {
		level: "warn",
		fields: [...STREAM, "limit"],
	},
	"stream refused: there are as many as xds.limits allows, in all or from this address": {
		level: "warn",
		fields: ["address", "limit", "unlogged"],
	},
	"connection refused: there are as many as xds.limits allows, in all or from this address": {
		level: "warn",
		fields: ["address", "limit", "unlogged"],
	},
	"connection ended, or refused for 5 s after that: it costs far more than its requests": {
		level: "warn",
		fields: ["address", "limit", "unlogged"],
	},
	"client refused: it has not proved who it is": { level: "warn", fields: ["address", "error", "unlogged"] },
	"client asks for a service that no rule lets it see": { level: "warn", fields: [...STREAM, "type", "name"] },
	"client refused: the TLS handshake failed": { level: "warn", fields: ["address", "listener", "error", "unlogged"] },
	request: {
		level: "debug",
		fields: [...SHORT_STREAM, "type", "is", "nonce", "names", "unsubscribed", "brought", "error", "due"],
	},
	response: {
		level: "debug",
		fields: [...SHORT_STREAM, "type", "why", "nonce", "version", "resources", "removed", "bytes"],
	},
	"request message": { level: "trace", fields: [...SHORT_STREAM, "type", "message"] },
	"response message": { level: "trace", fields: [...SHORT_STREAM, "type", "message"] },
	"poll by REST": { level: "debug", fields: ["address", "unlogged", "type", "status"] },

	// The servers themselves.
	"xDS server error": { level: "error", fields: ["err"] },
	"REST server error": { level: "error", fields: ["err"] },
	"admin request failed": { level: "error", fields: ["err"] },
	"admin request": { level: "debug", fields: ["address", "unlogged", "method", "path", "status", "seconds"] },
	"admin change": { level: "info", fields: ["address", "who", "method", "path", "status"] },
	"messages cannot go straight to HTTP/2 streams: each costs more than it should": { level: "warn", fields: ["why"] },
} as const satisfies Readonly<Record<string, Kind>>;

export type LogMessage = keyof typeof LOG_MESSAGES;

/** The fields that the lines of a message can have. */
export type FieldsOf<M extends LogMessage> = {
	readonly [Field in (typeof LOG_MESSAGES)[M]["fields"][number]]?: unknown;
};
