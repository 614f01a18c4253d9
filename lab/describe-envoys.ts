import { describe, inject } from "vitest";
import type { EnvoyVersion } from "./envoy-binary.js";
import type { Mode } from "./envoy-bootstrap.js";

export interface EnvoyCase {
	readonly version: EnvoyVersion;
	readonly mode: Mode;
	/** The path of the program. */
	readonly binary: string;
}

/** The newest, and the oldest that is still supported upstream: enough for most tests. */
const ENDS: readonly EnvoyVersion[] = ["1.40.0", "1.36.4"];

/**
 * A describe for each of the versions of Envoy in each variant of the protocol. Where an Envoy cannot be had, its tests are
 * skipped and the name says why.
 */
export function describeEnvoys(
	title: string,
	body: (which: EnvoyCase) => void,
	{ versions = ENDS, modes = ["sotw", "delta"] }: Partial<CaseFilter> = {},
): void {
	for (const version of versions) {
		const found = inject("envoys")[version];
		for (const mode of modes) {
			const name = `${title}: Envoy ${version}, ${mode}`;
			if ("path" in found) describe(name, () => body({ version, mode, binary: found.path }));
			else describe.skip(`${name} (skipped: ${found.missing})`, () => body({ version, mode, binary: "" }));
		}
	}
}

interface CaseFilter {
	readonly versions: readonly EnvoyVersion[];
	readonly modes: readonly Mode[];
}
