import { findClient } from "../../../lab/grpc-clients.js";
import { testOtherClient } from "./other-client.js";

testOtherClient("gRPC C++ of the distribution", { found: await findClient("cpp"), shares: { a: 0.25, b: 0.75 } });
