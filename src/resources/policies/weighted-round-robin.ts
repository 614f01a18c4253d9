import { ClientSideWeightedRoundRobin } from "../../gen/envoy/extensions/load_balancing_policies/client_side_weighted_round_robin/v3/client_side_weighted_round_robin.js";
import { TypedStruct } from "../../gen/xds/type/v3/typed_struct.js";
import type { LoadBalancing } from "../../model/policies/policies.js";
import { durationOf } from "../duration-of.js";
import { joinFields } from "../join-fields.js";
import { type ConfiguredPolicy, configuredPolicy, policyName, policyType } from "./configured-policy.js";
import { slowStartBytes, slowStartOf } from "./slow-start.js";

const NAME = "client_side_weighted_round_robin";
const MESSAGE = "ClientSideWeightedRoundRobin";
/** Of a ClientSideWeightedRoundRobin (gRFC A100); the Envoy API of the package does not have it yet. */
const SLOW_START = 8;

/** By the load that endpoints report. */
export function weightedRoundRobin(of: LoadBalancing): ConfiguredPolicy {
	const { oobReportingPeriod: period, blackoutPeriod, weightExpirationPeriod, weightUpdatePeriod } = of;
	const { errorUtilizationPenalty, slowStart } = of;
	const message = ClientSideWeightedRoundRobin.fromPartial({
		...(period !== undefined && { enableOobLoadReport: true, oobReportingPeriod: durationOf(period) }),
		...(blackoutPeriod !== undefined && { blackoutPeriod: durationOf(blackoutPeriod) }),
		...(weightExpirationPeriod !== undefined && { weightExpirationPeriod: durationOf(weightExpirationPeriod) }),
		...(weightUpdatePeriod !== undefined && { weightUpdatePeriod: durationOf(weightUpdatePeriod) }),
		...(errorUtilizationPenalty !== undefined && { errorUtilizationPenalty }),
	});
	const own = ClientSideWeightedRoundRobin.encode(message).finish();
	const value = slowStart ? Buffer.concat([own, joinFields([[SLOW_START, slowStartBytes(slowStart)]])]) : own;
	return configuredPolicy(NAME, MESSAGE, value);
}

/**
 * The same within a locality, which has the share that its weight says: for Envoys from 1.37 on. An older one passes over a
 * policy that it does not know, but cannot print a message of it: so it comes as a TypedStruct, which all know.
 */
export function weightedInLocalities(of: LoadBalancing): ConfiguredPolicy {
	const typedConfig = { "@type": policyType(NAME, MESSAGE), ...weightedRoundRobinJson(of) };
	const policies = [{ typedExtensionConfig: { name: policyName(NAME), typedConfig } }];
	const name = "wrr_locality";
	const typeUrl = policyType(name, "WrrLocality");
	const struct = TypedStruct.fromPartial({ typeUrl, value: { endpointPickingPolicy: { policies } } });
	const value = TypedStruct.encode(struct).finish();
	return {
		typedExtensionConfig: {
			name: policyName(name),
			typedConfig: { typeUrl: "type.googleapis.com/xds.type.v3.TypedStruct", value },
		},
	};
}

/** weightedRoundRobin() in proto3 JSON. */
function weightedRoundRobinJson(of: LoadBalancing): Readonly<Record<string, unknown>> {
	const { oobReportingPeriod: period, blackoutPeriod, weightExpirationPeriod, weightUpdatePeriod } = of;
	const { errorUtilizationPenalty, slowStart } = of;
	return {
		...(period !== undefined && { enableOobLoadReport: true, oobReportingPeriod: seconds(period) }),
		...(blackoutPeriod !== undefined && { blackoutPeriod: seconds(blackoutPeriod) }),
		...(weightExpirationPeriod !== undefined && { weightExpirationPeriod: seconds(weightExpirationPeriod) }),
		...(weightUpdatePeriod !== undefined && { weightUpdatePeriod: seconds(weightUpdatePeriod) }),
		...(errorUtilizationPenalty !== undefined && { errorUtilizationPenalty }),
		...(slowStart && { slowStartConfig: { ...slowStartOf(slowStart), slowStartWindow: seconds(slowStart.window) } }),
	};
}

/** @param ms a whole number of milliseconds. */
function seconds(ms: number): string {
	return `${(ms / 1_000).toFixed(3)}s`;
}
