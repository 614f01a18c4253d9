import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.js";
import type { ServiceDefinition } from "../../model/service.js";
import { envoyRoutePolicies, grpcRoutePolicies } from "../policies/route-policies.js";
import { familyOfView, type View } from "../view.js";

/** Every request goes to the cluster of the same name. gRPC clients get only what they read (G2). */
export function encodeRoute({ name, policies }: ServiceDefinition, view: View): Uint8Array {
	const said = familyOfView(view) === "envoy" ? envoyRoutePolicies(policies) : grpcRoutePolicies(policies);
	const route = { match: { prefix: "/" }, route: { cluster: name, ...said } };
	return RouteConfiguration.encode(
		RouteConfiguration.fromPartial({
			name,
			virtualHosts: [{ name, domains: ["*"], routes: [route] }],
		}),
	).finish();
}
