import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.js";

/** Every request goes to the cluster of the same name. */
export function encodeRoute(name: string): Uint8Array {
	return RouteConfiguration.encode(
		RouteConfiguration.fromPartial({
			name,
			virtualHosts: [{ name, domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: name } }] }],
		}),
	).finish();
}
