import { describe, inject } from "vitest";
import { LANGUAGES } from "../../../lab/grpc-clients.js";
import { grpcClient } from "../../../lab/zones/zoned-client.js";
import { testZoneOutage } from "../../test-zone-outage.js";

describe.each(LANGUAGES)("gRPC clients in three zones, in %s", (language) => {
	const found = inject("clients")[language];
	if ("missing" in found) describe.skip(`skipped: ${found.missing}`, () => {});
	else testZoneOutage({ protocol: "grpc", start: grpcClient(found) }, ["one in each", "all in it"]);
});
