import { describeEnvoys } from "../../lab/describe-envoys.js";
import { envoyClient } from "../../lab/zones/zoned-client.js";
import { testZones } from "../test-zones.js";

// The other versions are in the table of docs/zones.md.
for (const [mode, version] of [
	["delta", "1.40.0"],
	["sotw", "1.36.4"],
] as const) {
	describeEnvoys("in three zones", ({ binary }) => testZones({ protocol: "http1", start: envoyClient(binary, mode) }), {
		modes: [mode],
		versions: [version],
	});
}
