import { Listener } from "../gen/envoy/config/listener/v3/listener.js";
import { Router } from "../gen/envoy/extensions/filters/http/router/v3/router.js";
import { HttpConnectionManager } from "../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.js";
import { ADS } from "./config-source.js";

const ROUTER = "envoy.extensions.filters.http.router.v3.Router";
const MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** The API listener that `xds:///NAME` asks for; its routes come by RDS under the same name (G1). */
export function encodeListener(name: string): Uint8Array {
	const manager = HttpConnectionManager.fromPartial({
		statPrefix: name,
		rds: { configSource: ADS, routeConfigName: name },
		httpFilters: [
			{
				name: "envoy.filters.http.router",
				typedConfig: {
					typeUrl: `type.googleapis.com/${ROUTER}`,
					value: Router.encode(Router.fromPartial({})).finish(),
				},
			},
		],
	});
	return Listener.encode(
		Listener.fromPartial({
			name,
			apiListener: {
				apiListener: {
					typeUrl: `type.googleapis.com/${MANAGER}`,
					value: HttpConnectionManager.encode(manager).finish(),
				},
			},
		}),
	).finish();
}
