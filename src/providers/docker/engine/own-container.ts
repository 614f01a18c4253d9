import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/**
 * The id of the container that this process runs in, or the first part of it; undefined where none is seen. It says
 * nothing of which engine runs the container.
 */
export function ownContainerId(): string | undefined {
	for (const file of ["/proc/self/mountinfo", "/proc/self/cgroup"]) {
		const [, id] = /(?:\/containers\/|\/docker\/|docker-|libpod-)([0-9a-f]{64})/.exec(textOf(file)) ?? [];
		if (id !== undefined) return id;
	}
	// What an engine calls a container's host unless told otherwise.
	return /^[0-9a-f]{12}$/.test(hostname()) ? hostname() : undefined;
}

function textOf(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		// A system without /proc runs no such containers.
		return "";
	}
}
