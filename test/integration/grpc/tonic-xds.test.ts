import { findClient } from "../../../lab/grpc-clients.js";
import { testOtherClient } from "./other-client.js";

// It waits for the response headers before its first request, connects by http:// alone, and ignores weights.
testOtherClient("tonic-xds", { found: await findClient("tonic-xds"), scheme: "http://", shares: { a: 0.5, b: 0.5 } });
