import type { TestProject } from "vitest/node";
import { ENVOY_VERSIONS, type EnvoyBinary, type EnvoyVersion, findEnvoy } from "./envoy-binary.js";

declare module "vitest" {
	interface ProvidedContext {
		envoys: Record<EnvoyVersion, EnvoyBinary>;
	}
}

/** Fetches the Envoys once, before the first test. With CI=true it is an error if one cannot be had. */
export async function setup(project: TestProject): Promise<void> {
	const found = await Promise.all(ENVOY_VERSIONS.map(findEnvoy));
	const missing = found.flatMap((binary) => ("missing" in binary ? [binary.missing] : []));
	if (missing.length > 0 && process.env.CI === "true") throw new Error(missing.join("\n"));
	const envoys = Object.fromEntries(ENVOY_VERSIONS.map((version, i) => [version, found[i]]));
	project.provide("envoys", envoys as Record<EnvoyVersion, EnvoyBinary>);
}
