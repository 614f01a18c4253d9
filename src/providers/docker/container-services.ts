import { compareText } from "../../model/endpoint.js";
import type { FoundService } from "../provider.js";
import { projectOf, serviceOf } from "./container-index.js";
import type { DockerRegistry } from "./docker-target.js";
import type { Container } from "./engine/container.js";

/** Services that are named one by one in the notes. */
const MOST_NOTES = 50;

/** The services of a registry among the containers; the same objects as long as they are there. */
export class ContainerServices {
	readonly #registry: DockerRegistry;
	#known = new Map<string, FoundService>();
	#list: readonly FoundService[] = [];
	#notes: readonly string[] = [];

	constructor(registry: DockerRegistry) {
		this.#registry = registry;
	}

	get list(): readonly FoundService[] {
		return this.#list;
	}

	get notes(): readonly string[] {
		return this.#notes;
	}

	update(containers: readonly Container[]): void {
		const { project, port } = this.#registry;
		const byService = new Map<string, [service: string, project: string | undefined, own: Container[]]>();
		for (const container of containers) {
			const itsProject = projectOf(container);
			if (project !== undefined && itsProject !== project) continue;
			const service = serviceOf(container);
			const key = `${itsProject ?? ""}/${service}`;
			const known = byService.get(key);
			if (known) known[2].push(container);
			else byService.set(key, [service, itsProject, [container]]);
		}
		const found: FoundService[] = [];
		const notes: string[] = [];
		for (const [key, [service, its, own]] of [...byService].sort(([a], [b]) => compareText(a, b))) {
			const ports = [...new Set(own.flatMap(({ exposed }) => exposed))].sort((a, b) => a - b);
			const one = port ?? (ports.length === 1 ? ports[0] : undefined);
			if (one !== undefined) found.push(this.#found(key, service, its, one));
			else if (ports.length === 0) notes.push(`${service} is left out: it exposes no TCP port that the engine lists`);
			else notes.push(`${service} is left out: it exposes several ports: ${ports.join(", ")}; name one in the target`);
		}
		const isSame = found.length === this.#list.length && found.every((each, i) => each === this.#list[i]);
		if (!isSame) this.#list = found;
		this.#known = new Map(found.map((each) => [`${each.namespace ?? ""}/${each.service}`, each]));
		const more = notes.length - MOST_NOTES;
		this.#notes = more > 0 ? [...notes.slice(0, MOST_NOTES), `${more} more such services`] : notes;
	}

	#found(key: string, service: string, namespace: string | undefined, port: number): FoundService {
		const known = this.#known.get(key);
		if (known?.port === String(port)) return known;
		return { service, target: this.#registry.targetOf(service, namespace), namespace, port: String(port) };
	}
}
