import type { Container } from "./engine/container.js";
import { SWARM_SERVICE } from "./engine/swarm-tasks.js";

const COMPOSE_SERVICE = "com.docker.compose.service";
const COMPOSE_PROJECT = "com.docker.compose.project";
/** `True` where the container was started by `compose run`: it is none of the service's. */
const COMPOSE_ONEOFF = "com.docker.compose.oneoff";
const STACK = "com.docker.stack.namespace";

/** All that runs, by each of its names: a target costs what it finds, however many containers there are. */
export class ContainerIndex {
	readonly #byName = new Map<string, Container[]>();

	constructor(containers: readonly Container[]) {
		for (const container of containers) {
			for (const name of namesOf(container)) {
				const others = this.#byName.get(name);
				if (others) others.push(container);
				else this.#byName.set(name, [container]);
			}
		}
	}

	/** @param project that they must be of; any, or none, unless given. */
	named(name: string, project: string | undefined): readonly Container[] {
		const all = this.#byName.get(name) ?? [];
		if (project !== undefined) return all.filter((container) => projectOf(container) === project);
		// The name of a stack's service without the stack counts only where the target names that.
		return all.filter((container) => shortName(container) !== name || otherNames(container).has(name));
	}
}

/** The Compose project or the Swarm stack. */
export function projectOf({ labels }: Container): string | undefined {
	return labels[COMPOSE_PROJECT] ?? labels[STACK];
}

/** What the service of a container is called: by its label, by Compose, by Swarm, else as the container. */
export function serviceOf(container: Container): string {
	const { name, labels } = container;
	const isOneOff = labels[COMPOSE_ONEOFF]?.toLowerCase() === "true";
	const service = isOneOff ? undefined : labels[COMPOSE_SERVICE];
	return labels["fingerpost.name"] ?? service ?? labels[SWARM_SERVICE] ?? name;
}

function namesOf(container: Container): ReadonlySet<string> {
	const short = shortName(container);
	return short === undefined ? otherNames(container) : new Set([...otherNames(container), short]);
}

/** `web` of the service `shop_web` in the stack `shop`. */
function shortName({ labels }: Container): string | undefined {
	const [stack, service] = [labels[STACK], labels[SWARM_SERVICE]];
	return stack !== undefined && service?.startsWith(`${stack}_`) ? service.slice(stack.length + 1) : undefined;
}

function otherNames({ name, labels }: Container): ReadonlySet<string> {
	const isOneOff = labels[COMPOSE_ONEOFF]?.toLowerCase() === "true";
	const service = isOneOff ? undefined : labels[COMPOSE_SERVICE];
	const all = [name, service, labels[SWARM_SERVICE], labels["fingerpost.name"]];
	return new Set(all.filter((each) => each !== undefined));
}
