import type { Finding } from "../../input/problem.js";
import type { ServiceDefinition, ServiceSettings } from "../../model/service.js";
import { effectiveTls } from "../../model/traffic/upstream-tls.js";
import { hasAudience } from "../../resources/messages/gcp-authn.js";

/** What an Envoy would reject of settings that are filled in: keys that are well, each by itself. */
export function settingsProblems({
	protocol,
	policies = {},
	targets,
	tls,
}: ServiceSettings & Pick<ServiceDefinition, "targets">): readonly Pick<Finding, "path" | "message">[] {
	const { healthChecks = [], loadBalancing, subsets = [], envoy } = policies;
	const cluster = envoy?.cluster ?? {};
	const found: Pick<Finding, "path" | "message">[] = [];
	const mayBeHttp2 = protocol !== "http1" || cluster.typedExtensionProtocolOptions || cluster.http2ProtocolOptions;
	const index = healthChecks.findIndex(({ grpc }) => grpc !== undefined);
	if (index >= 0 && !mayBeHttp2 && cluster.healthChecks === undefined)
		found.push({
			path: ["healthChecks", index, "grpc"],
			message: "needs protocol: grpc or http2; the protocol is http1, which it is unless given",
		});
	const isOverridden = cluster.loadBalancingPolicy !== undefined || cluster.lbSubsetConfig !== undefined;
	const policy = loadBalancing?.policy;
	if (policy === "client_side_weighted_round_robin" && subsets.length > 0 && !isOverridden)
		found.push({
			path: ["subsets"],
			message: `cannot be had with loadBalancing.policy: ${policy}; leave one of them out`,
		});
	if (hasAudience(policies.gcpAudience) && !effectiveTls({ targets, tls }))
		found.push({ path: ["gcpAudience"], message: "needs tls, or https:// targets: a token is not sent in clear" });
	return found;
}
