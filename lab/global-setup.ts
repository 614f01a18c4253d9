import type { TestProject } from "vitest/node";
import { ENVOY_VERSIONS, type EnvoyBinary, type EnvoyVersion, findEnvoy } from "./envoy-binary.js";
import { type FoundClient, findClient, LANGUAGES, type Language } from "./grpc-clients.js";

declare module "vitest" {
	interface ProvidedContext {
		envoys: Record<EnvoyVersion, EnvoyBinary>;
		clients: Record<Language, FoundClient>;
	}
}

/** Fetches the Envoys and makes the gRPC clients once, before the first test. With CI=true none may be missing. */
export async function setup(project: TestProject): Promise<void> {
	const [envoys, clients] = await Promise.all([
		byKey(ENVOY_VERSIONS, (version) => findEnvoy(version)),
		byKey(LANGUAGES, (language) => findClient(language)),
	]);
	const missing = [...Object.values(envoys), ...Object.values(clients)].flatMap((found) =>
		"missing" in found ? [found.missing] : [],
	);
	if (missing.length > 0 && process.env.CI === "true") throw new Error(missing.join("\n"));
	project.provide("envoys", envoys);
	project.provide("clients", clients);
}

async function byKey<K extends string, V>(keys: readonly K[], find: (key: K) => Promise<V>): Promise<Record<K, V>> {
	const entries = await Promise.all(keys.map(async (key) => [key, await find(key)] as const));
	return Object.fromEntries(entries) as Record<K, V>;
}
