import { findEnvoy, NEWEST_ENVOY } from "../src/cli/envoy/envoy-binary.js";

export { cacheFolder, type EnvoyBinary, findEnvoy } from "../src/cli/envoy/envoy-binary.js";

/** The Envoys that the tests run against, newest first. */
export const ENVOY_VERSIONS = [NEWEST_ENVOY, "1.39.3", "1.38.3", "1.36.4"] as const;

export type EnvoyVersion = (typeof ENVOY_VERSIONS)[number];

// `node --import ./lab/ts-hook.mjs lab/envoy-binary.ts` fetches all versions ahead of the tests.
if (import.meta.main) {
	for (const version of ENVOY_VERSIONS) {
		const found = await findEnvoy(version);
		if ("missing" in found) {
			console.error(found.missing);
			process.exitCode = 1;
		} else console.log(`Envoy ${version}: ${found.path}`);
	}
}
