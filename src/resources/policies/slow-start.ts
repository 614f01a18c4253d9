import { Cluster_SlowStartConfig as Message } from "../../gen/envoy/config/cluster/v3/cluster.js";
import type { SlowStart } from "../../model/policies/policies.js";
import { durationOf } from "../duration-of.js";

export function slowStartOf({ window, aggression, minWeightPercent }: SlowStart) {
	return {
		slowStartWindow: durationOf(window),
		...(aggression !== undefined && { aggression: { defaultValue: aggression, runtimeKey: "fingerpost.slow_start" } }),
		...(minWeightPercent !== undefined && { minWeightPercent: { value: minWeightPercent } }),
	};
}

export function slowStartBytes(slowStart: SlowStart): Uint8Array {
	return Message.encode(Message.fromPartial(slowStartOf(slowStart))).finish();
}
