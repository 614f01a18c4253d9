import type { Logger } from "pino";
import type { ReplicaEvents } from "../../replicas/replica-set.js";
import { logLine } from "../log/log-line.js";

/** What is logged of other replicas. */
export function replicaEvents(log: Logger): ReplicaEvents {
	return {
		changed({ address: replica, state, id, clients, error }) {
			if (state === "synced") logLine(log, "replica answers: its clients count", { replica, id, clients });
			if (state === "stale")
				logLine(log, "replica does not answer: for 60 s its clients still count", { replica, id, error });
			if (state === "failed")
				logLine(log, "replica has not answered for 60 s: its clients do not count", { replica, id, error });
		},
		lookUpFailed: (replica, error) =>
			logLine(log, "replicas cannot be looked up; those that are known stay", { replica, error }),
		known(isKnown) {
			if (!isKnown) logLine(log, "no replica answers: all clients get all endpoints", {});
			else
				logLine(
					log,
					"it is known where the clients of all replicas are: they get the endpoints of their zones first",
					{},
				);
		},
	};
}
