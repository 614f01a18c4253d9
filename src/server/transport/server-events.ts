import type { LimitName } from "../../model/limits.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { Family } from "../../resources/view.js";
import type { Outcome } from "../protocol/acks/nacks.js";
import type { Ack, SentResponse } from "../protocol/acks/response-log.js";
import type { Outgoing, Received } from "../protocol/session.js";
import type { DiscoveryRequest } from "../wire/discovery-request.js";
import type { Mode } from "../wire/mode.js";

/** Who a stream belongs to, for logs and metrics. */
export interface StreamIdentity {
	/** What the client says of itself. */
	readonly node: string;
	/** Who it has proved to be, by its token or its certificate; undefined for who has proved nothing. */
	readonly identity?: string | undefined;
	readonly stream: number;
	readonly family: Family;
	readonly userAgent: string;
	readonly address: string;
}

/** Calls for logs and metrics. None of these may throw. */
export interface ServerEvents {
	/** The first request of a stream has said who it is. */
	connected?(stream: StreamIdentity): void;
	/**
	 * A client has reached a limit: it is refused or, for its requests, slowed down, which is told
	 * once a stream.
	 * @param stream where the limit is that of streams, connections or frames, only its address is known.
	 */
	limited?(stream: StreamIdentity, limit: LimitName): void;
	/** By TLS a client was refused. @param address with port. @param reason why, in words. */
	refused?(address: string, reason: string): void;
	/** A call was refused, as who makes it has proved nothing. @param address with port. @param reason why, in words. */
	unauthenticated?(address: string, reason: string): void;
	/** @param error why, if the stream did not simply end. */
	disconnected?(stream: StreamIdentity, error: Error | undefined): void;
	pushed?(type: ResourceType, mode: Mode): void;
	/**
	 * @param seconds since the oldest change in the response was made; unset where it only answered a
	 *   request.
	 * @param response what was ACKed.
	 */
	acked?(
		stream: StreamIdentity,
		type: ResourceType,
		seconds: number | undefined,
		response: Pick<SentResponse, "since" | "sentAt">,
	): void;
	nacked?(stream: StreamIdentity, type: ResourceType, nack: Extract<Ack, { kind: "nack" }>): void;
	/** It was found out what a client rejects; not where the NACK itself told it. */
	searched?(stream: StreamIdentity, type: ResourceType, outcome: Outcome): void;
	/** A request was taken. Many are: this is for finding faults. */
	requested?(stream: StreamIdentity, request: DiscoveryRequest, received: Received): void;
	/** A response goes out, whether asked for or not. */
	responded?(stream: StreamIdentity, response: Outgoing): void;
	/** It asks for names that do not exist; each is told once a stream and type. */
	missing?(stream: StreamIdentity, type: ResourceType, names: readonly string[]): void;
	/** A request for a type that the server does not know, once a stream and type (R45). */
	unknownType?(stream: StreamIdentity, typeUrl: string): void;
	/** Its metadata name a family that there is not. @param said what they say. */
	unknownFamily?(stream: StreamIdentity, said: string): void;
	/** The first request of a type that has no wildcard names nothing. */
	asksNothing?(stream: StreamIdentity, type: ResourceType): void;
	/**
	 * Messages take grpc-js's own way, which costs more: it is not as those that are known.
	 * @param why the check's finding.
	 */
	throughGrpc?(why: string): void;
	/** Something failed that belongs to no stream, such as accepting a connection. */
	failed?(error: Error): void;
}
