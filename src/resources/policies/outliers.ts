import type { OutlierDetection as Message } from "../../gen/envoy/config/cluster/v3/outlier_detection.js";
import {
	OUTLIER_DURATIONS,
	OUTLIERS,
	type OutlierDetection,
	type OutlierSettings,
	UNREACHABLE_ONLY,
} from "../../model/policies/outlier-detection.js";
import { durationOf } from "../duration-of.js";

type Parts = Parameters<typeof Message.fromPartial>[0];

/** What an Envoy is told; undefined where no endpoint is ever left out. */
export function envoyOutliers(written: OutlierDetection | undefined): Parts | undefined {
	if (written === "off") return undefined;
	return messageOf(written ? { ...OUTLIERS, ...written } : UNREACHABLE_ONLY);
}

/** What gRPC clients know (gRFC A50). They call no endpoint that they cannot reach, and count no errors in a row. */
const GRPC_KEYS = [
	"interval",
	"baseEjectionTime",
	"maxEjectionTime",
	"maxEjectionPercent",
	"successRateMinimumHosts",
	"successRateRequestVolume",
	"successRateStdevFactor",
	"enforcingSuccessRate",
	"failurePercentageThreshold",
	"failurePercentageMinimumHosts",
	"failurePercentageRequestVolume",
	"enforcingFailurePercentage",
] as const satisfies readonly (keyof OutlierSettings)[];

/** Errors in a row after which Envoy leaves an endpoint out. */
const USUAL_ERRORS = 5;

/**
 * What a gRPC client is told; undefined for nothing. It counts no errors in a row: an endpoint of which nearly all calls
 * fail within an interval, as many as those in a row, is left out in its place.
 */
export function grpcOutliers(written: OutlierDetection | undefined): Parts | undefined {
	if (written === undefined || written === "off") return undefined;
	const known: Record<string, number | undefined> = {};
	for (const key of GRPC_KEYS) if (written[key] !== undefined) known[key] = written[key];
	const { consecutive5xx = USUAL_ERRORS, enforcingConsecutive5xx = 100 } = written;
	const instead = {
		interval: GRPC_INTERVAL_MS,
		// It leaves one more out than fits: two of three, and never all.
		maxEjectionPercent: 50,
		failurePercentageMinimumHosts: 2,
		failurePercentageRequestVolume: Math.max(1, consecutive5xx),
		enforcingFailurePercentage: enforcingConsecutive5xx,
	};
	const settings = { ...GRPC_DEFAULTS, ...instead, ...known };
	// With fewer than one, grpc-js divides by none.
	for (const key of ["successRateMinimumHosts", "failurePercentageMinimumHosts"] as const)
		settings[key] = Math.max(1, settings[key]);
	return messageOf(settings);
}

/** As gRFC A50 has them. Each is sent: a grpc-js (1.14) that misses one of them ends with an error of its own. */
const GRPC_DEFAULTS = {
	successRateMinimumHosts: 5,
	successRateRequestVolume: 100,
	successRateStdevFactor: 1_900,
	enforcingSuccessRate: 100,
	failurePercentageThreshold: 85,
};

/** An endpoint that comes back is seen to fail only at the end of an interval, so it is shorter than Envoy's. */
const GRPC_INTERVAL_MS = 2_000;

const DURATIONS: ReadonlySet<string> = new Set(OUTLIER_DURATIONS);

function messageOf(settings: OutlierSettings): Parts {
	const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
	return Object.fromEntries(
		entries.map(([key, value]) => [key, DURATIONS.has(key) ? durationOf(value as number) : value]),
	);
}
