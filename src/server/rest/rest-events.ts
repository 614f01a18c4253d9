import type { LimitName } from "../../model/limits.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { StreamIdentity } from "../transport/server-events.js";

/** Who polls. There is no stream. */
export type RestClient = Omit<StreamIdentity, "stream">;

/** Calls for logs and metrics. None of these may throw. */
export interface RestEvents {
	/** A poll was answered, with this HTTP status. @param address the peer's, and its port. */
	answered?(type: ResourceType, status: number, address: string): void;
	/** @param version that was rejected; empty where the client does not say. */
	rejected?(client: RestClient, type: ResourceType, version: string, error: string): void;
	/** There is no room for the client, or its names, in the zone that it names. */
	limited?(client: RestClient, limit: LimitName): void;
	/** By TLS a client was refused. @param address with port. @param reason why, in words. */
	refused?(address: string, reason: string): void;
	/** A caller was refused, as it has proved nothing. @param address with port. @param reason why, in words. */
	unauthenticated?(address: string, reason: string): void;
	/** Something failed that is not the client's fault. */
	failed?(error: Error): void;
}
