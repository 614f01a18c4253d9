// The public API: what is not listed here may change at any time.
import "./util/node/needs-node.js";

export { ControlPlane } from "./app/control-plane.js";
export type { Addresses, ControlPlaneOptions } from "./app/control-plane-options.js";
export {
	Client,
	type ClientOptions,
	type ConnectOptions,
	type ReadyEndpoint,
} from "./client/client.js";
export { NoReadyEndpoints } from "./client/no-ready-endpoints.js";
export { Registry, type RegistryOptions, type ServicesInput } from "./client/registry.js";
export type { Config } from "./config/config.js";
export { type LoadConfigOptions, loadConfig } from "./config/load.js";
export type { ServiceOptions } from "./config/own/service-options.js";
export type { ConfigInput } from "./config/schema.js";
export { InvalidEndpoints } from "./input/endpoint-file.js";
export type { EndpointInput, EndpointParts } from "./input/given/endpoint-input.js";
export { type EndpointFields, endpoint } from "./input/given/own-endpoint.js";
export { InvalidConfig } from "./input/invalid-config.js";
export type { Problem } from "./input/problem.js";
export type { DiscoveredEndpoint } from "./model/discovered-endpoint.js";
export {
	addressOf,
	type Endpoint,
	type Health,
	isReady,
	type Origin,
	type OtherAddress,
	readyEndpoints,
	urlOf,
} from "./model/endpoint.js";
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
export type {
	AnswerDetails,
	FoundService,
	Provider,
	ProviderWatchOptions,
	RegistryObserver,
	TargetObserver,
} from "./providers/provider.js";
export type { DiscoverOptions } from "./providers/registry.js";
export type { WatchEvent, WatchOptions } from "./providers/watch/watch-events.js";
export {
	type ErrorCode,
	FingerpostError,
	InvalidTarget,
	ServiceNotFound,
	SourceFailed,
	UnsupportedScheme,
} from "./util/errors.js";
