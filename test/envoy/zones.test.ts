import { describeEnvoys } from "../../lab/describe-envoys.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
import { envoyClient } from "../../lab/zones/zoned-client.js";
import { testZones } from "../test-zones.js";

for (const mode of ["sotw", "delta"] as const) {
	// The newest and the oldest in both variants, the others in one.
	const versions = mode === "delta" ? ENVOY_VERSIONS : undefined;
	describeEnvoys("in three zones", ({ binary }) => testZones({ protocol: "http1", start: envoyClient(binary, mode) }), {
		modes: [mode],
		...(versions && { versions }),
	});
}
