import { isAbsolute } from "node:path";
import type { Target } from "../../model/target.js";

/** The file that the target names. */
export interface FileTarget {
	/** Absolute. */
	readonly path: string;
}

/** `file:///path/endpoints.yaml`, or why the target is no such thing. */
export function readFileTarget({ authority, path, query, text }: Target): FileTarget | string {
	if (authority !== "") {
		return `a file's path is absolute: file:///path/endpoints.yaml; "${text.slice("file://".length)}" does not begin with /`;
	}
	if (!isAbsolute(path) || path === "/") return "expected a file's absolute path: file:///path/endpoints.yaml";
	if (path.includes("\0")) return "a path has no zero bytes";
	if (query.size > 0) return "a file has no options; write a ? in its name as %3F";
	return { path };
}
