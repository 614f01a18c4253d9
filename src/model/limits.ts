/** How much clients may ask for; beyond it, the one that asks is refused or slowed down. */
export interface Limits {
	/** Bytes of a resource name. */
	readonly nameLength: number;
	/** Names that a stream may ask for, of each type. */
	readonly names: number;
	/** Names that all streams may ask for. Lists that are the same count once. */
	readonly allNames: number;
	/** Streams over all connections, of every service. */
	readonly streams: number;
	/** Streams of one connection at a time. */
	readonly streamsPerConnection: number;
	/** Connections at a time. */
	readonly connections: number;
	/** Requests a second of a stream; each 64 KiB of a request count as one more. */
	readonly requestsPerSecond: number;
	/** Zones of clients at a time. Clients of more get what clients without a zone get. */
	readonly zones: number;
	/** Bytes of a request. */
	readonly messageBytes: number;
	/** Bytes of all requests that are not read yet. */
	readonly unreadBytes: number;
}

const MIB = 1024 * 1024;

/** Far above what clients are known to need: a crowd of them has to fit, a mistake or a malice has not. */
export const DEFAULT_LIMITS: Limits = {
	nameLength: 4_096,
	names: 250_000,
	allNames: 2_000_000,
	streams: 50_000,
	// gRPC libraries put all the streams of a process on one connection, and let what does not fit wait for ever.
	streamsPerConnection: 10_000,
	connections: 50_000,
	requestsPerSecond: 1_000,
	zones: 256,
	// A client that reconnects with 100,000 names and their versions sends some 5 MB.
	messageBytes: 16 * MIB,
	unreadBytes: 128 * MIB,
};

/** What a client can be over: a limit that can be set, or one that cannot. */
export type LimitName = keyof Limits | "firstRequest" | "messageTime" | "frames";

/** Those that are told of and counted. HTTP/2 itself tells a client of the streams that its connection may have. */
export const COUNTED_LIMITS: readonly LimitName[] = [
	...(Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]).filter((name) => name !== "streamsPerConnection"),
	"firstRequest",
	"messageTime",
	"frames",
];

/** Memory of the machine, in bytes, for which one of these is allowed at most. */
const BYTES_FOR = { allNames: 2_048, streams: 64 * 1024, connections: 128 * 1024, unreadBytes: 4 };

/** The limits, lowered to what fits into the memory that the process may use. @param bytes of it. */
export function withinMemory(limits: Limits, bytes: number): Limits {
	const lowered = (name: keyof typeof BYTES_FOR) =>
		Math.max(1, Math.min(limits[name], Math.floor(bytes / BYTES_FOR[name])));
	return {
		...limits,
		allNames: lowered("allNames"),
		streams: lowered("streams"),
		connections: lowered("connections"),
		unreadBytes: Math.max(2 * limits.messageBytes, lowered("unreadBytes")),
	};
}

/** No peer has more than this part of what there is for all. */
const SHARE = 1 / 4;
/** So many streams or connections each peer may have, be it a fourth or not: proxies behind one address are one peer. */
const MIN_SHARE = 1_000;

/** How much of a limit one peer may have: a fourth, but no less than a floor. */
export function shareOf(total: number, floor = MIN_SHARE): number {
	return Math.min(total, Math.max(floor, Math.floor(total * SHARE)));
}
