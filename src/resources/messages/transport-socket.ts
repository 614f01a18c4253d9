import type { TransportSocket } from "../../gen/envoy/config/core/v3/base.js";
import { Http11ProxyUpstreamTransport } from "../../gen/envoy/extensions/transport_sockets/http_11_proxy/v3/upstream_http_11_connect.js";
import type { ServiceDefinition } from "../../model/service.js";
import { effectiveTls } from "../../model/traffic/upstream-tls.js";
import { envoyTakesProxy, hasProxy } from "../policies/proxies.js";
import { familyOfView, knowsProxies, type View } from "../view.js";
import { tlsTransportSocket } from "./upstream-tls-context.js";

const SOCKETS = "envoy.transport_sockets";
const TYPES = "type.googleapis.com/envoy.extensions.transport_sockets";

type Parts = Parameters<typeof TransportSocket.fromPartial>[0];

/** How clients connect to the endpoints; undefined where they do it in clear, and directly. */
export function transportSocket(service: ServiceDefinition, view: View): Parts | undefined {
	const family = familyOfView(view);
	const tls = effectiveTls(service);
	const alpn = service.protocol === "http1" ? "http/1.1" : "h2";
	const inner = tls && tlsTransportSocket(tls, family, [alpn]);
	if (!knowsProxies(view) || !hasProxy(service) || (family === "envoy" && !envoyTakesProxy(service))) return inner;
	const message = Http11ProxyUpstreamTransport.fromPartial(inner ? { transportSocket: inner } : {});
	return {
		name: `${SOCKETS}.http_11_proxy`,
		typedConfig: {
			typeUrl: `${TYPES}.http_11_proxy.v3.Http11ProxyUpstreamTransport`,
			value: Http11ProxyUpstreamTransport.encode(message).finish(),
		},
	};
}
