// As a whole: by name, an older Node could not load it, and nothing could say then that it is too old.
import module from "node:module";
import { SourceFailed } from "../../../util/errors.js";

/**
 * An optional dependency: `npm ci --omit=optional` leaves it out, and its 83 MB of memory are for
 * Kubernetes only.
 */
const CLIENT_LIBRARY = "@kubernetes/client-node";

/** Why the client library cannot be loaded, and what to do; undefined where it is installed. */
export function clientLibraryProblem(name = CLIENT_LIBRARY): string | undefined {
	try {
		module.findPackageJSON(name, import.meta.url);
		return undefined;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
		return `Kubernetes needs the package ${name}, which is not installed; install it: npm install ${name}`;
	}
}

/**
 * Loads the client library: 83 MB and about a second, for those only who have a target of
 * Kubernetes.
 * @throws SourceFailed if it is not installed.
 */
export async function loadClientLibrary(): Promise<typeof import("@kubernetes/client-node")> {
	try {
		return await import("@kubernetes/client-node");
	} catch (cause) {
		const problem = clientLibraryProblem();
		if (problem === undefined) throw cause;
		throw new SourceFailed(problem, { cause });
	}
}
