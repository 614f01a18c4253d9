import type { Target } from "../../model/target.js";
import { quote } from "../../util/text/quote.js";

/** The containers that a target names. */
export interface DockerTarget {
	/** The target's text. */
	readonly text: string;
	/** The compose project or stack; undefined where the target names none. */
	readonly project: string | undefined;
	/** A container's name, a compose service, a Swarm service, or a label `fingerpost.name`. */
	readonly name: string;
	/** Of the containers; undefined for the one port that they expose. */
	readonly port: number | undefined;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/;

/** All services among the containers, of a project or of all. */
export interface DockerRegistry extends Pick<DockerTarget, "project" | "port"> {
	/** The text of the target of one of them. */
	targetOf(name: string, project: string | undefined): string;
}

const ALL = "*";

/** `docker:///name[:port]`, `docker:///project/name[:port]`, or why the target is none of these. */
export function readDockerTarget(target: Target): DockerTarget | string {
	const form = `${target.scheme}:///NAME:PORT or ${target.scheme}:///PROJECT/NAME:PORT`;
	const parts = readParts(target, form);
	if (typeof parts === "string") return parts;
	return nameProblem(parts.name) ?? { text: target.text, ...parts };
}

/** `docker:///*[:port]`, `docker:///project/*[:port]`, or why the target is none of these. */
export function readDockerRegistry(target: Target): DockerRegistry | string {
	const { scheme } = target;
	const form = `${scheme}:///*:PORT or ${scheme}:///PROJECT/*:PORT`;
	const parts = readParts(target, form);
	if (typeof parts === "string") return parts;
	const { project, name, port } = parts;
	if (name !== ALL) return `it names one service; expected ${form}`;
	const after = port === undefined ? "" : `:${port}`;
	const targetOf: DockerRegistry["targetOf"] = (service, its) =>
		`${scheme}:///${its ? `${its}/` : ""}${service}${after}`;
	return { project, port, targetOf };
}

type Parts = Omit<DockerTarget, "text">;

function readParts({ authority, path, query }: Target, form: string): Parts | string {
	if (authority !== "") {
		return `expected ${form}, with three slashes; which engine is asked stands in the provider's settings, not in the target`;
	}
	if (query.size > 0) return "a target of containers has no options; the network stands in the provider's settings";
	const [, project, name = "", port] = /^\/(?:([^/:]*)\/)?([^/:]*)(?::([^/:]*))?$/.exec(path) ?? [];
	if (name === "") return `expected the name of a container or service: ${form}`;
	const problem = project === undefined ? undefined : nameProblem(project);
	if (problem !== undefined) return problem;
	if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)) {
		return `the port must be 1 to 65535, not ${quote(port)}`;
	}
	return { project, name, port: port === undefined ? undefined : Number(port) };
}

function nameProblem(name: string): string | undefined {
	return NAME.test(name) ? undefined : `${quote(name)} is no name of a container, service or project`;
}
