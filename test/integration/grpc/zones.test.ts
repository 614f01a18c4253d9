import { describe, inject } from "vitest";
import { LANGUAGES } from "../../../lab/grpc-clients.js";
import { grpcClient } from "../../../lab/zones/zoned-client.js";
import { testZones } from "../../test-zones.js";

describe.each(LANGUAGES)("gRPC clients in three zones, in %s", (language) => {
	const found = inject("clients")[language];
	if ("missing" in found) describe.skip(`skipped: ${found.missing}`, () => {});
	else testZones({ protocol: "grpc", start: grpcClient(found) });
});
