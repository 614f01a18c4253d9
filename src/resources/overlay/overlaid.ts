import type { DescMessage } from "@bufbuild/protobuf";
import type { Overlay } from "../../model/policies/policies.js";
import { descriptorRegistry } from "./descriptor-registry.js";

/** What a part of an overlay is merged into. */
export interface Overlaid {
	readonly message: string;
	/** Fields that cannot be written: they hold what Fingerpost says. */
	readonly own: readonly string[];
}

export const OVERLAID: Readonly<Record<keyof Overlay, Overlaid>> = {
	cluster: {
		message: "envoy.config.cluster.v3.Cluster",
		own: ["name", "type", "clusterType", "edsClusterConfig", "loadAssignment"],
	},
	assignment: {
		message: "envoy.config.endpoint.v3.ClusterLoadAssignment",
		own: ["clusterName", "endpoints"],
	},
};

export function overlaidMessage(part: keyof Overlay): DescMessage {
	return descriptorRegistry().getMessage(OVERLAID[part].message) as DescMessage;
}
