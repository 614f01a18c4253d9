/** Of a gRPC call: what gRPC clients know (gRFC A44), and Envoy too. */
export const GRPC_RETRY_CONDITIONS = [
	"cancelled",
	"deadline-exceeded",
	"internal",
	"resource-exhausted",
	"unavailable",
] as const;

/** What Envoy knows of any request. */
const HTTP_RETRY_CONDITIONS = [
	"5xx",
	"gateway-error",
	"reset",
	"reset-before-request",
	"connect-failure",
	"refused-stream",
	"retriable-4xx",
	"envoy-ratelimited",
] as const;

export const RETRY_CONDITIONS = [...GRPC_RETRY_CONDITIONS, ...HTTP_RETRY_CONDITIONS] as const;

/** The request never reached an endpoint: it is tried again whatever it does. */
export const NEVER_SENT = ["connect-failure", "refused-stream"] as const;
