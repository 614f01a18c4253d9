import { describeEnvoys } from "../../lab/describe-envoys.js";
import { OUTAGE_SERVICE } from "../../lab/zones/zone-outage.js";
import { envoyClient } from "../../lab/zones/zoned-client.js";
import { testZoneOutage } from "../test-zone-outage.js";

// The others are in the table of docs/zones.md: an Envoy comes back after the half minute for which it leaves an endpoint out.
for (const [version, spread] of [
	["1.40.0", "one in each"],
	["1.36.4", "all in it"],
] as const) {
	describeEnvoys(
		"in three zones",
		({ binary }) =>
			testZoneOutage({ protocol: "http1", start: envoyClient(binary, "delta", OUTAGE_SERVICE) }, [spread]),
		{ modes: ["delta"], versions: [version] },
	);
}
