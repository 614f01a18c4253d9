import { describe, inject } from "vitest";
import { LANGUAGES } from "../../../lab/grpc-clients.js";
import { grpcClient } from "../../../lab/zones/zoned-client.js";
import { testZoneOutage } from "../../test-zone-outage.js";

/** Its status for a connection whose end it learns of by writing; retries cannot name it (gRFC A44). */
const LOST_BY_JAVA = /: UNKNOWN: channel closed$/;

describe.each(LANGUAGES)("gRPC clients in three zones, in %s", (language) => {
	const found = inject("clients")[language];
	if ("missing" in found) describe.skip(`skipped: ${found.missing}`, () => {});
	else {
		const kind = { protocol: "grpc", start: grpcClient(found) } as const;
		testZoneOutage(language === "java" ? { ...kind, neverRetried: LOST_BY_JAVA } : kind, ["one in each"]);
	}
});
