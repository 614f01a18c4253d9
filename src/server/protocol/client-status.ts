import type { Locality } from "../../model/locality.js";
import type { Zone } from "../../model/zones/zone.js";
import type { Nack } from "./acks/nacks.js";
import type { VersionAt } from "./acks/response-log.js";

/** What one stream subscribes to of one type, was sent, and has accepted or rejected. */
export interface TypeStatus {
	readonly mode: "sotw" | "delta";
	readonly wildcard: boolean;
	/** The names asked for one by one, without `*`, in no order; a copy that is made whenever it is read. */
	readonly names: readonly string[];
	/** Those of them that do not exist, in no order; a copy, too. */
	readonly missing: readonly string[];
	readonly sent: VersionAt | null;
	readonly acked: VersionAt | null;
	/** The newest NACK, until what was rejected has changed or was ACKed. */
	readonly nacked: Nack | null;
	/** Whether it asks for no name and has no wildcard: then it gets nothing. */
	readonly asksNothing: boolean;
	/** Whether it asks for something, and nothing waits to be sent or to be ACKed. */
	readonly synced: boolean;
}

/** The rule that fits a client; what it says is null and empty where none does. */
export interface ClientAccess {
	readonly rule: number | null;
	readonly identity: string | null;
	readonly services: readonly string[];
}

/**
 * One stream of a connected process: a client is known by (node id, stream), as one process opens
 * many (G9).
 */
export interface ClientStatus {
	/** The node id; empty until the first request has come. */
	readonly node: string;
	/** Who it has proved to be, by its certificate: a SPIFFE ID, or `dns:NAME`. Undefined for who has proved nothing. */
	readonly identity?: string | null | undefined;
	/** The rule of `xds.access` that decides what it sees, by its place there; null without rules. */
	readonly access?: ClientAccess | null | undefined;
	readonly stream: number;
	readonly family: "envoy" | "grpc";
	/** `envoy 1.40.0`, `gRPC Go 1.85.0`. */
	readonly userAgent: string;
	/** The peer's address and port. */
	readonly address: string;
	readonly connectedAt: Date;
	/** Where it says that it runs; undefined where it does not say. */
	readonly locality?: Locality | undefined;
	/** The zone whose endpoints it gets first; undefined where it gets what clients without a zone get. */
	readonly zone?: Zone | undefined;
	/** The group whose part of services with a `subset` it gets; undefined while no service has one. */
	readonly group?: number | undefined;
	/** The client features that it announces. */
	readonly features: readonly string[];
	/** By short type name. */
	readonly types: Readonly<Record<string, TypeStatus>>;
}
