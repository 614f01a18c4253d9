import type { Logger } from "pino";
import type { Catalog } from "../../catalog/catalog.js";
import type { StateEvents } from "../../state/state-events.js";
import { StateKeeper } from "../../state/state-keeper.js";
import { logLine } from "../log/log-line.js";

/**
 * Makes the catalog begin with what an earlier process knew, and keeps on disk what it knows from then on.
 * @throws FingerpostError STATE_IN_USE if another process has the directory; the signal's reason.
 */
export async function openState(
	directory: string,
	catalog: Catalog,
	log: Logger,
	signal: AbortSignal,
): Promise<StateKeeper> {
	const state = new StateKeeper(directory, (name) => catalog.saved(name), stateEvents(log, directory));
	const services = await state.open(signal);
	catalog.restore(services);
	logLine(log, "services are served as they were before the start", { services: services.length, directory });
	return state;
}

function stateEvents(log: Logger, directory: string): StateEvents {
	return {
		setAside: ({ file, reason }) =>
			logLine(log, "a state file cannot be used, or a part of it; it is set aside", { directory, file, reason }),
		failed: ({ message: error }) =>
			logLine(log, "the state cannot be kept on disk; it is tried again every 30 s", { directory, error }),
		recovered: () => logLine(log, "the state is kept on disk again", { directory }),
	};
}
