/** How much one client may ask for; beyond it, that client alone is refused or slowed down. */
export interface Limits {
	/** Bytes of a resource name. */
	readonly nameLength: number;
	/** Names that a stream may ask for, of each type. */
	readonly names: number;
	/** Streams over all connections. */
	readonly streams: number;
	/** Streams of one connection at a time. */
	readonly streamsPerConnection: number;
	/** Requests a second of a stream; each 64 KiB of a request count as one more. */
	readonly requestsPerSecond: number;
}

/** Far above what clients are known to need: a crowd of them has to fit, a mistake or a malice has not. */
export const DEFAULT_LIMITS: Limits = {
	nameLength: 4_096,
	names: 250_000,
	streams: 50_000,
	// gRPC libraries put all the streams of a process on one connection, and let what does not fit wait for ever.
	streamsPerConnection: 10_000,
	requestsPerSecond: 1_000,
};
