import type { ConfigSource } from "../../gen/envoy/config/core/v3/config_source.js";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.js";
import { HttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.js";
import type { ServiceDefinition } from "../../model/service.js";
import { GCP_AUTHN_FILTER, hasAudience } from "./gcp-authn.js";
import { HTTP_MANAGER, ROUTER_FILTER } from "./http-filters.js";

/** The API listener that `xds:///NAME` asks for. Its routes come by RDS under the same name (G1). */
export function encodeListener({ name, policies }: ServiceDefinition, configSource: ConfigSource): Uint8Array {
	const manager = HttpConnectionManager.fromPartial({
		statPrefix: name,
		rds: { configSource, routeConfigName: name },
		httpFilters: [...(hasAudience(policies?.gcpAudience) ? [GCP_AUTHN_FILTER] : []), ROUTER_FILTER],
	});
	return Listener.encode(
		Listener.fromPartial({
			name,
			apiListener: {
				apiListener: { typeUrl: HTTP_MANAGER, value: HttpConnectionManager.encode(manager).finish() },
			},
		}),
	).finish();
}
