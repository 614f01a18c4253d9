import { isAbsolute } from "node:path";
import { splitHostPort } from "../../../model/host-port.js";

/** Where an engine listens. */
export type EngineAddress =
	| { readonly socketPath: string; readonly text: string }
	| { readonly host: string; readonly port: number; readonly text: string; readonly socketPath?: undefined };

/** Where engines listen unless told otherwise. */
export const DEFAULT_SOCKET = "unix:///var/run/docker.sock";

/** `unix:///path`, `tcp://host:port`, or why the text is neither. */
export function parseEngineAddress(text: string): EngineAddress | string {
	const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? [];
	if (scheme === "unix") {
		return isAbsolute(rest) ? { socketPath: rest, text } : `a socket's path is absolute: unix:///var/run/docker.sock`;
	}
	if (scheme === "tcp" || scheme === "http") {
		const bare = rest.replace(/\/$/, "");
		const parts = splitHostPort(bare) ?? splitHostPort(`${bare}:2375`);
		if (parts && parts.port >= 1 && parts.port <= 65_535) return { ...parts, text };
	}
	if (scheme === "ssh" || scheme === "npipe") {
		return `${scheme}:// is not supported; forward the engine's socket, and name it: unix:///path`;
	}
	return `expected ${DEFAULT_SOCKET} or tcp://host:2375`;
}
