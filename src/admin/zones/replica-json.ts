import type { ReplicaState, ReplicaStatus } from "../../replicas/replica-status.js";

/** An entry of `GET /api/v1/replicas`. */
export interface ReplicaJson {
	/** As in the config, or one of the addresses of a name there. */
	readonly address: string;
	/** `stale`: it does not answer, and its clients still count. `failed`: they do not. */
	readonly state: ReplicaState;
	/** What its process calls itself; null while it has not said. */
	readonly id: string | null;
	/** How many of its clients count, each once a service that it asks for. */
	readonly clients: number;
	readonly lastSuccess: string | null;
	/** Why it does not answer; null while it does. */
	readonly error: string | null;
}

/** `GET /api/v1/replicas` */
export interface ReplicasJson {
	/** Whether it is known where the clients of the others are; true where there are no others. */
	readonly known: boolean;
	readonly replicas: readonly ReplicaJson[];
}

export function replicaJson({ address, state, id, clients, lastSuccess, error }: ReplicaStatus): ReplicaJson {
	return {
		...{ address, state, id: id ?? null, clients },
		...{ lastSuccess: lastSuccess?.toISOString() ?? null, error: error ?? null },
	};
}
