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

/** `docker:///name[:port]`, `docker:///project/name[:port]`, or why the target is none of these. */
export function readDockerTarget({ scheme, authority, path, query, text }: Target): DockerTarget | string {
	const form = `${scheme}:///NAME:PORT or ${scheme}:///PROJECT/NAME:PORT`;
	if (authority !== "") {
		return `expected ${form}, with three slashes; which engine is asked stands in the provider's settings, not in the target`;
	}
	if (query.size > 0) return "a target of containers has no options; the network stands in the provider's settings";
	const [, project, name = "", port] = /^\/(?:([^/:]*)\/)?([^/:]*)(?::([^/:]*))?$/.exec(path) ?? [];
	if (name === "") return `expected the name of a container or service: ${form}`;
	for (const one of [project, name]) {
		if (one !== undefined && !NAME.test(one)) return `${quote(one)} is no name of a container, service or project`;
	}
	if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)) {
		return `the port must be 1 to 65535, not ${quote(port)}`;
	}
	return { text, project, name, port: port === undefined ? undefined : Number(port) };
}
