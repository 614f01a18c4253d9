/** Numbers of requests, hosts and errors. */
export const OUTLIER_COUNTS = [
	"consecutive5xx",
	"consecutiveGatewayFailure",
	"consecutiveLocalOriginFailure",
	"successRateMinimumHosts",
	"successRateRequestVolume",
	"successRateStdevFactor",
	"failurePercentageMinimumHosts",
	"failurePercentageRequestVolume",
] as const;

export const OUTLIER_PERCENTS = [
	"maxEjectionPercent",
	"failurePercentageThreshold",
	"enforcingConsecutive5xx",
	"enforcingConsecutiveGatewayFailure",
	"enforcingConsecutiveLocalOriginFailure",
	"enforcingSuccessRate",
	"enforcingLocalOriginSuccessRate",
	"enforcingFailurePercentage",
	"enforcingFailurePercentageLocalOrigin",
] as const;

/** In milliseconds. */
export const OUTLIER_DURATIONS = ["interval", "baseEjectionTime", "maxEjectionTime", "maxEjectionTimeJitter"] as const;

export const OUTLIER_FLAGS = [
	"splitExternalLocalOriginErrors",
	"successfulActiveHealthCheckUnejectHost",
	"alwaysEjectOneHost",
] as const;

type Numbers = (typeof OUTLIER_COUNTS)[number] | (typeof OUTLIER_PERCENTS)[number] | (typeof OUTLIER_DURATIONS)[number];

/** By what an endpoint is left out for a while: Envoy's keys, with Envoy's defaults but for a few. */
export type OutlierSettings = { readonly [K in Numbers]?: number | undefined } & {
	readonly [K in (typeof OUTLIER_FLAGS)[number]]?: boolean | undefined;
};

export type OutlierDetection = "off" | OutlierSettings;

/**
 * Where nothing is said: an endpoint that cannot be reached is left out, whatever one that answers says. At most half of
 * them are, so that a client that has lost its own network keeps the others.
 */
export const UNREACHABLE_ONLY: OutlierSettings = {
	splitExternalLocalOriginErrors: true,
	enforcingConsecutive5xx: 0,
	enforcingSuccessRate: 0,
	enforcingLocalOriginSuccessRate: 0,
	maxEjectionPercent: 50,
};

/** Where something is said: two of three may go, and never all. */
export const OUTLIERS: OutlierSettings = { splitExternalLocalOriginErrors: true, maxEjectionPercent: 67 };
