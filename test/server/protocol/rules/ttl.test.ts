import { expect, it } from "vitest";
import { supportsTtl } from "../../../../src/server/protocol/rules/ttl.js";

const XDS = ["xds.config.supports-resource-in-sotw", "xds.config.supports-resource-ttl"];
const ENVOY = XDS.map((feature) => feature.replace("xds", "envoy"));

it.each([
	["sotw", "envoy", XDS, true],
	["sotw", "envoy", ENVOY, true],
	["sotw", "another", XDS, true],
	["sotw", "another", ["xds.config.resource-in-sotw", "xds.config.supports-resource-ttl"], true],
	["sotw", "another", ["xds.config.resource-in-sotw"], false],
	["sotw", "envoy", [], false],
	["sotw", "envoy", XDS.slice(0, 1), false],
	["sotw", "envoy", XDS.slice(1), false],
	["delta", "envoy", [], true],
	["delta", "another", [], false],
	["delta", "another", XDS.slice(0, 1), false],
	["delta", "another", XDS.slice(1), true],
	["delta", "another", ENVOY.slice(1), true],
] as const)(
	"a time to live is for a %s client called %s with the features %j: %s",
	(mode, userAgentName, clientFeatures, expected) => {
		expect(supportsTtl({ userAgentName, clientFeatures }, mode, "envoy")).toBe(expected);
		expect(supportsTtl({ userAgentName, clientFeatures }, mode, "grpc")).toBe(false);
		expect(supportsTtl(undefined, mode, "envoy")).toBe(false);
	},
);
