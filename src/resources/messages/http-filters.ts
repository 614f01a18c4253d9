import { Router } from "../../gen/envoy/extensions/filters/http/router/v3/router.js";

/** The type URL of an HttpConnectionManager. */
export const HTTP_MANAGER =
	"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** The last HTTP filter. gRPC clients and servers demand it with its config (G1). */
export const ROUTER_FILTER = {
	name: "envoy.filters.http.router",
	typedConfig: {
		typeUrl: "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
		value: Router.encode(Router.fromPartial({})).finish(),
	},
};
