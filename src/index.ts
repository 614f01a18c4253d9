// The public API: what is not listed here may change at any time.

export {
	Client,
	type ClientOptions,
	type ConnectOptions,
	type ReadyEndpoint,
} from "./client/client.js";
export { NoReadyEndpoints } from "./client/no-ready-endpoints.js";
export type { Config } from "./config/config.js";
export { InvalidConfig } from "./config/invalid-config.js";
export type { ConfigInput } from "./config/schema.js";
export { type Addresses, ControlPlane, type ControlPlaneOptions } from "./control-plane.js";
export { type LoadConfigOptions, loadConfig } from "./load-config.js";
export { addressOf, type Endpoint, endpoint, type Health, type Origin } from "./model/endpoint.js";
export type { EndpointDiff } from "./model/endpoint-diff.js";
export { InvalidEndpoints } from "./model/endpoint-file.js";
export type { HostPort } from "./model/host-port.js";
export type { Locality } from "./model/locality.js";
export type { EndpointInput, EndpointParts, ServiceOptions } from "./model/own-service.js";
export type { Protocol } from "./model/service.js";
export { parseTarget, type Target } from "./model/target.js";
export type { AnswerDetails, Provider, ProviderWatchOptions, TargetObserver } from "./providers/provider.js";
export type { DiscoverOptions } from "./providers/registry.js";
export type { WatchEvent, WatchOptions } from "./providers/watch-events.js";
export { Registry, type RegistryOptions } from "./registry.js";
export {
	type ErrorCode,
	FingerpostError,
	InvalidTarget,
	ServiceNotFound,
	SourceFailed,
	UnsupportedScheme,
} from "./util/errors.js";
export type { Problem } from "./util/problem.js";
