import { Listener } from "../../gen/envoy/config/listener/v3/listener.js";
import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.js";
import { HttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.js";
import { HTTP_MANAGER, ROUTER_FILTER } from "./http-filters.js";
import { serverListenerAddress } from "./server-listener-name.js";

/** Stands in the server's logs and statistics. */
const LABEL = "grpc-server";

const routeConfig = RouteConfiguration.fromPartial({
	name: LABEL,
	virtualHosts: [{ name: LABEL, domains: ["*"], routes: [{ match: { prefix: "/" }, nonForwardingAction: {} }] }],
});

const manager = HttpConnectionManager.encode(
	HttpConnectionManager.fromPartial({ statPrefix: LABEL, routeConfig, httpFilters: [ROUTER_FILTER] }),
).finish();

/**
 * The Listener with which an xDS-enabled gRPC server starts to serve (gRFC A36), made of the name that it asks for. Its
 * address must be the one that the server listens on. All calls are handled by the server itself.
 * @returns undefined for other names.
 */
export function encodeServerListener(name: string): Uint8Array | undefined {
	const listening = serverListenerAddress(name);
	if (!listening) return undefined;
	return Listener.encode(
		Listener.fromPartial({
			name,
			address: { socketAddress: { address: listening.host, portValue: listening.port } },
			filterChains: [
				{
					name: LABEL,
					filters: [
						{
							name: "envoy.filters.network.http_connection_manager",
							typedConfig: { typeUrl: HTTP_MANAGER, value: manager },
						},
					],
				},
			],
		}),
	).finish();
}
