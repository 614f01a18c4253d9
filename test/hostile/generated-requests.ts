import { TYPE_URL } from "../../lab/xds-protos.js";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import { ClientStatusRequest } from "../../src/gen/envoy/service/status/v3/csds.js";

const NODE = {
	id: "fuzz",
	cluster: "c",
	userAgentName: "envoy",
	userAgentBuildVersion: { version: { majorNumber: 1, minorNumber: 36, patch: 2 } },
	metadata: { role: "edge", ports: [1, 2], deep: { a: { b: null } } },
	locality: { region: "r", zone: "z", subZone: "s" },
	clientFeatures: ["envoy.lb.does_not_support_overprovisioning", "xds.config.resource-in-sotw"],
	extensions: [{ name: "envoy.filters.http.router", category: "envoy.filters.http", typeUrls: ["a", "b"] }],
};
const ERROR = { code: 13, message: "web: no" };
const TYPES = [TYPE_URL.cds, TYPE_URL.eds, TYPE_URL.lds, TYPE_URL.rds];

/** What clients may send, by method: fields that real ones seldom use. */
export const GENERATED: Readonly<Record<string, readonly Uint8Array[]>> = {
	"discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources": TYPES.flatMap((typeUrl) => [
		DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ typeUrl, node: NODE })).finish(),
		DiscoveryRequest.encode(
			DiscoveryRequest.fromPartial({ typeUrl, node: NODE, resourceNames: ["web", "*"] }),
		).finish(),
		DiscoveryRequest.encode(
			DiscoveryRequest.fromPartial({ typeUrl, responseNonce: "1", versionInfo: "a", errorDetail: ERROR }),
		).finish(),
	]),
	"discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources": TYPES.flatMap((typeUrl) => [
		DeltaDiscoveryRequest.encode(
			DeltaDiscoveryRequest.fromPartial({
				typeUrl,
				node: NODE,
				resourceNamesSubscribe: ["web", "gone"],
				initialResourceVersions: { web: "1", gone: "2" },
			}),
		).finish(),
		DeltaDiscoveryRequest.encode(
			DeltaDiscoveryRequest.fromPartial({
				typeUrl,
				responseNonce: "1",
				resourceNamesUnsubscribe: ["web", "*"],
				errorDetail: ERROR,
			}),
		).finish(),
	]),
	"status.v3.ClientStatusDiscoveryService/StreamClientStatus": [
		ClientStatusRequest.encode(
			ClientStatusRequest.fromPartial({
				node: NODE,
				nodeMatchers: [{ nodeId: { safeRegex: { regex: "(a|b)*.x" } } }, { nodeId: { prefix: "f", ignoreCase: true } }],
			}),
		).finish(),
	],
};
