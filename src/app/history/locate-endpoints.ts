import { readFile, stat } from "node:fs/promises";
import type { ServiceState } from "../../catalog/service-state.js";
import { textReader } from "../../input/text/text-reader.js";
import { addressOf } from "../../model/endpoint.js";
import { parseTarget } from "../../model/target.js";
import type { Registry } from "../../providers/registry.js";

interface Where {
	readonly registry: Registry;
	/** In which endpoints are written out; undefined where there is none. */
	readonly configFile: string | undefined;
	readonly signal: AbortSignal;
}

/** A larger config is not read for this, in bytes. */
const MAX_CONFIG = 16 * 1024 * 1024;
/** Files that are read for one service. */
const MAX_TARGETS = 20;

/** In which line each endpoint of a service stands, by its address, where it stands in a file. */
export async function locateEndpoints(
	service: ServiceState | undefined,
	{ registry, configFile, signal }: Where,
): Promise<ReadonlyMap<string, string>> {
	const places = new Map<string, string>();
	if (!service) return places;
	const { name, definition, targets } = service;
	const files = targets.flatMap(({ target }) => {
		const locate = registry.find(/^([^:]+):\/\//.exec(target)?.[1] ?? "")?.locate;
		return locate ? [{ target, provider: registry.find(parseTarget(target).scheme) }] : [];
	});
	for (const { target, provider } of files.slice(0, MAX_TARGETS)) {
		// Where it stands is not known then, which is all that is lost; that the source fails is told elsewhere.
		const found = await provider?.locate?.(parseTarget(target), { signal }).catch(() => undefined);
		for (const [address, place] of found ?? []) if (!places.has(address)) places.set(address, place);
	}
	if (definition.endpoints && configFile !== undefined) {
		const found = await inConfig(configFile, name, definition.endpoints.length).catch(() => []);
		for (const [i, e] of definition.endpoints.entries()) {
			const line = found[i];
			if (line) places.set(addressOf(e), `line ${line}`);
		}
	}
	return places;
}

/** The lines of the endpoints that a config has for a service, in their order; 0 where that is not known. */
async function inConfig(file: string, service: string, count: number): Promise<readonly number[]> {
	if ((await stat(file)).size > MAX_CONFIG) return [];
	const text = await readFile(file, "utf8");
	const findings = Array.from({ length: count }, (_, i) => {
		return { path: ["services", service, "endpoints", i], at: "value" as const, message: "" };
	});
	return (await textReader.place(text, findings, { file })).map(({ line }) => line);
}
