import type { Logger } from "pino";
import type { ServiceChange } from "../../catalog/catalog.js";
import type { Steps } from "../../util/steps.js";
import { ChangeLog } from "../change-log.js";
import { logEmpty } from "../log/empty-log.js";
import { logHolds, logPins } from "../log/kept-log.js";

/** All that is logged of changed services. */
export class ServiceLog {
	readonly #log: Logger;
	readonly #changes: ChangeLog;

	constructor(log: Logger) {
		this.#log = log;
		this.#changes = new ChangeLog(log);
	}

	/**
	 * @param more whether another part of the same changes follows.
	 * @returns of how many targets endpoints are held from now on.
	 */
	*take(changes: readonly ServiceChange[], more: boolean): Steps<number> {
		yield* this.#changes.take(changes, more);
		logEmpty(this.#log, changes);
		logPins(this.#log, changes);
		return logHolds(this.#log, changes);
	}
}
