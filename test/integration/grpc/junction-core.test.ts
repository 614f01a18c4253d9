import { findClient } from "../../../lab/grpc-clients.js";
import { testOtherClient } from "./other-client.js";

// It asks for Kubernetes services, under their names with a port, and takes no notice of weights, of health, and of what is
// gone. Each look-up is told to its connection, which takes some and no more while there is none.
testOtherClient("junction-core", {
	found: await findClient("junction-core"),
	scheme: "http://",
	shares: { a: 0.5, b: 0.5 },
	suffix: ".lab.svc.cluster.local:80",
	family: "envoy",
	ignoresHealth: true,
	keepsGone: true,
	callsAlone: 5,
});
