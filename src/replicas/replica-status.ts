/**
 * `connecting`: not asked yet. `self`: this process, or one that is known by another address. `synced`: its clients
 * count. `stale`: it does not answer, and its clients still count. `failed`: they do not.
 */
export const REPLICA_STATES = ["connecting", "self", "synced", "stale", "failed"] as const;
export type ReplicaState = (typeof REPLICA_STATES)[number];

/** What is known of another replica. */
export interface ReplicaStatus {
	/** As in the config, or one of the addresses of a name there. */
	readonly address: string;
	readonly state: ReplicaState;
	/** What the process calls itself; undefined while it has not said. */
	readonly id: string | undefined;
	/** How many of its clients count, each once a service that it asks for. */
	readonly clients: number;
	readonly lastSuccess: Date | undefined;
	/** Why it does not answer; undefined while it does. */
	readonly error: string | undefined;
}
