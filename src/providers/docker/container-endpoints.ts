import { compareText, type Endpoint, endpoint, type Health } from "../../model/endpoint.js";
import { SourceFailed } from "../../util/errors.js";
import { metadataOf, weightOf } from "../labels.js";
import { type Place, reach } from "./container-address.js";
import { type ContainerIndex, projectOf } from "./container-index.js";
import type { DockerTarget } from "./docker-target.js";
import type { Container } from "./engine/container.js";

/** What the containers come to for a target. */
export type ContainerAnswer =
	| {
			readonly endpoints: readonly Endpoint[];
			readonly notes: readonly string[];
			/** Whether there is any such container. */
			readonly found: boolean;
			readonly failure?: undefined;
	  }
	| { readonly failure: SourceFailed };

/** Containers that are named one by one in the notes. */
const MOST_NOTES = 50;

/** The endpoints of a target among all that runs. */
export function endpointsOfContainers(all: ContainerIndex, target: DockerTarget, place: Place): ContainerAnswer {
	const meant = all.named(target.name, target.project).toSorted((a, b) => compareText(a.name, b.name));
	if (meant.length === 0) return { endpoints: [], notes: [noContainer(target)], found: false };
	const projects = [...new Set(meant.flatMap((container) => projectOf(container) ?? []))];
	if (projects.length > 1) {
		const choices = projects.sort(compareText).map((project) => `${project}/${target.name}`);
		return { failure: new SourceFailed(`several projects have "${target.name}"; name one of ${choices.join(", ")}`) };
	}
	const port = target.port ?? onlyPort(meant);
	if (typeof port === "string") return { failure: new SourceFailed(port) };
	const endpoints: Endpoint[] = [];
	const notes: string[] = [];
	for (const container of meant) {
		const made = endpointOf(container, port, place, target.text);
		if (made.endpoint) endpoints.push(made.endpoint);
		notes.push(...made.notes);
	}
	const more = notes.length - MOST_NOTES;
	return {
		endpoints,
		notes: more > 0 ? [...notes.slice(0, MOST_NOTES), `${more} more such notes`] : notes,
		found: true,
	};
}

export function noContainer({ project, name }: DockerTarget): string {
	const within = project === undefined ? "" : ` of the project "${project}"`;
	return `no container or service "${name}"${within} runs`;
}

/** The one TCP port that the containers expose, or why there is none. */
function onlyPort(containers: readonly Container[]): number | string {
	const ports = [...new Set(containers.flatMap(({ exposed }) => exposed))].sort((a, b) => a - b);
	if (ports.length === 1) return ports[0] as number;
	const name = containers[0]?.name;
	return ports.length === 0
		? `${name} exposes no TCP port that the engine lists; name it in the target: NAME:PORT`
		: `${name} exposes several ports: ${ports.join(", ")}; name one in the target: NAME:PORT`;
}

function endpointOf(
	container: Container,
	inside: number,
	place: Place,
	target: string,
): { readonly endpoint?: Endpoint; readonly notes: readonly string[] } {
	const { name, id, state, labels } = container;
	const leftOut = (problem: string) => ({ notes: [`${name} is left out: ${problem}`] });
	if (state !== "running") return leftOut(`it is ${state}`);
	if (container.health === "starting") return leftOut("its health check has not passed yet");
	const at = reach(container, inside, place);
	if (at.problem !== undefined) return leftOut(at.problem);
	const weight = weightOf(labels, "label");
	const metadata = metadataOf(labels);
	return {
		endpoint: endpoint({
			address: at.address,
			port: at.port,
			health: HEALTH[container.health],
			...(typeof weight === "number" ? { weight } : {}),
			...(Object.keys(metadata).length === 0 ? {} : { metadata }),
			origin: { target, object: name, revision: id.slice(0, 12), at: new Date() },
		}),
		notes: typeof weight === "string" ? [`${name}: ${weight}`] : [],
	};
}

/** Nobody says anything of a container without a health check. */
const HEALTH: Readonly<Record<"none" | "healthy" | "unhealthy", Health>> = {
	none: "unknown",
	healthy: "healthy",
	unhealthy: "unhealthy",
};
