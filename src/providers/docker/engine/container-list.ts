import { type Container, isPort, readContainers, table } from "./container.js";
import { type EngineClient, EngineRefused } from "./engine-client.js";
import { withTasks } from "./swarm-tasks.js";

/** What runs, asked for again and again. */
export class ContainerList {
	readonly #client: EngineClient;
	#manager: boolean | undefined;
	/** The ports of containers that the list has none of, by id: they never change. */
	#exposed = new Map<string, readonly number[]>();

	constructor(client: EngineClient) {
		this.#client = client;
	}

	/** Whether the engine can tell of a Swarm's services and tasks; known once it was listed. */
	get isManager(): boolean {
		return this.#manager === true;
	}

	/**
	 * The running containers, at a manager with all tasks of its Swarm.
	 * @throws SourceFailed where any part of it cannot be had: half a list is none.
	 */
	async read(signal: AbortSignal): Promise<readonly Container[]> {
		this.#manager ??= table(table(await this.#optional("/info", signal)).Swarm).ControlAvailable === true;
		const [containers, services, tasks] = await Promise.all([
			this.#client.get("/containers/json", signal),
			this.#manager ? this.#client.get("/services", signal) : undefined,
			this.#manager ? this.#client.get(`/tasks?filters=${RUNNING}`, signal) : undefined,
		]);
		const own = await this.#withExposed(readContainers(containers), signal);
		return this.#manager ? withTasks(own, services, tasks) : own;
	}

	/** The list has no ports of containers on the host's network; each is asked for once. */
	async #withExposed(containers: readonly Container[], signal: AbortSignal): Promise<readonly Container[]> {
		const before = this.#exposed;
		this.#exposed = new Map();
		const read: Container[] = [];
		for (const container of containers) {
			const { id, networkMode, exposed } = container;
			if (networkMode !== "host" || exposed.length > 0) {
				read.push(container);
				continue;
			}
			const ports = before.get(id) ?? exposedIn(await this.#optional(`/containers/${id}/json`, signal));
			this.#exposed.set(id, ports);
			read.push({ ...container, exposed: ports });
		}
		return read;
	}

	/** What a proxy before the engine may not let through, and is missed only where a target needs it. */
	async #optional(path: string, signal: AbortSignal): Promise<unknown> {
		try {
			return await this.#client.get(path, signal);
		} catch (error) {
			if (error instanceof EngineRefused && (error.status === 403 || error.status === 404)) return undefined;
			throw error;
		}
	}
}

const RUNNING = encodeURIComponent('{"desired-state":["running"]}');

/** `{"Config": {"ExposedPorts": {"8080/tcp": {}}}}` */
function exposedIn(inspected: unknown): readonly number[] {
	const keys = Object.keys(table(table(table(inspected).Config).ExposedPorts));
	return keys
		.filter((key) => key.endsWith("/tcp"))
		.map((key) => Number.parseInt(key, 10))
		.filter(isPort);
}
