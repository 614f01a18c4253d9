import { homedir } from "node:os";
import { join } from "node:path";
import { SourceFailed } from "../errors.js";

/** `~/` is the home folder. @throws SourceFailed if nobody knows it. */
export function expandHome(path: string): string {
	if (!path.startsWith("~/")) return path;
	const home = homeFolder();
	if (home === undefined) throw new SourceFailed(`${path}: the home folder is not known, as HOME is not set`);
	return join(home, path.slice(2));
}

/** Undefined where neither HOME nor the system's users name one, as in many containers. */
export function homeFolder(): string | undefined {
	try {
		return homedir() || undefined;
	} catch {
		return undefined;
	}
}
