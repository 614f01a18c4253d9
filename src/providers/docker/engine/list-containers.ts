import { type Container, readContainers, table } from "./container.js";
import { type EngineClient, EngineRefused } from "./engine-client.js";
import { withTasks } from "./swarm-tasks.js";

/** Whether the engine can tell of a Swarm's services and tasks. A proxy that gives containers only says that it cannot. */
export async function isManager(client: EngineClient, signal: AbortSignal): Promise<boolean> {
	try {
		return table(table(await client.get("/info", signal)).Swarm).ControlAvailable === true;
	} catch (error) {
		if (error instanceof EngineRefused && (error.status === 403 || error.status === 404)) return false;
		throw error;
	}
}

/**
 * The running containers, at a manager with all tasks of its Swarm.
 * @throws SourceFailed where any part of it cannot be had: half a list is none.
 */
export async function listContainers(
	client: EngineClient,
	manager: boolean,
	signal: AbortSignal,
): Promise<readonly Container[]> {
	const [containers, services, tasks] = await Promise.all([
		client.get("/containers/json", signal),
		manager ? client.get("/services", signal) : undefined,
		manager ? client.get(`/tasks?filters=${encodeURIComponent('{"desired-state":["running"]}')}`, signal) : undefined,
	]);
	const own = readContainers(containers);
	return manager ? withTasks(own, services, tasks) : own;
}
