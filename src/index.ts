// The public API: what is not listed here may change at any time.
import "./util/node/needs-node.js";

export { type Addresses, ControlPlane, type ControlPlaneOptions } from "./app/control-plane.js";
export {
	Client,
	type ClientOptions,
	type ConnectOptions,
	type ReadyEndpoint,
} from "./client/client.js";
export { NoReadyEndpoints } from "./client/no-ready-endpoints.js";
export type { Config } from "./config/config.js";
export { type LoadConfigOptions, loadConfig } from "./config/load.js";
export type { ConfigInput } from "./config/schema.js";
export { InvalidEndpoints } from "./input/endpoint-file.js";
export { InvalidConfig } from "./input/invalid-config.js";
export type { EndpointInput, EndpointParts, ServiceOptions } from "./input/own-service.js";
export type { Problem } from "./input/problem.js";
export { addressOf, type Endpoint, endpoint, type Health, type Origin } from "./model/endpoint.js";
export type { EndpointDiff } from "./model/endpoint-diff.js";
export type { HostPort } from "./model/host-port.js";
export type { Locality } from "./model/locality.js";
export type { Protocol } from "./model/service.js";
export { parseTarget, type Target } from "./model/target.js";
export {
	type LookUp,
	type LookUpOptions,
	type PollAnswer,
	type PollOptions,
	poll,
} from "./providers/poll/polled-provider.js";
export type { AnswerDetails, Provider, ProviderWatchOptions, TargetObserver } from "./providers/provider.js";
export { type DiscoverOptions, Registry, type RegistryOptions } from "./providers/registry.js";
export type { WatchEvent, WatchOptions } from "./providers/watch/watch-events.js";
export {
	type ErrorCode,
	FingerpostError,
	InvalidTarget,
	ServiceNotFound,
	SourceFailed,
	UnsupportedScheme,
} from "./util/errors.js";
