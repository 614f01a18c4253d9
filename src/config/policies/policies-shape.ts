import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import {
	OUTLIER_COUNTS,
	OUTLIER_DURATIONS,
	OUTLIER_FLAGS,
	OUTLIER_PERCENTS,
	type OutlierSettings,
} from "../../model/policies/outlier-detection.js";
import { healthChecksSchema } from "./health-checks-schema.js";
import { loadBalancingSchema } from "./load-balancing-schema.js";
import { count, flag, percent, text } from "./numbers.js";
import { overlaySchema } from "./overlay-schema.js";
import { proxySchema } from "./proxy-schema.js";
import { retriesSchema } from "./retries-schema.js";

/** How clients treat the endpoints of a service. */
export function policiesShape() {
	return {
		loadBalancing: loadBalancingSchema()
			.optional()
			.describe("How an endpoint is chosen for a request: round_robin unless given."),
		outlierDetection: outlierDetectionSchema()
			.optional()
			.describe(
				"Endpoints that fail are left out for a while. Only those that cannot be reached, and at most half, unless given; off: none.",
			),
		healthChecks: healthChecksSchema().optional().describe("What Envoys ask the endpoints, and how often."),
		circuitBreakers: circuitBreakersSchema()
			.optional()
			.describe("What a client has under way to the service at most; what is above fails at once."),
		subsets: subsetsSchema()
			.optional()
			.describe("Names of metadata, a list each, by which routes of an Envoy choose some of the endpoints."),
		timeout: duration({ example: "15s" })
			.optional()
			.describe(
				"How long a request may take in all, for gRPC clients and Envoys that take their routes from here; 0s is no limit.",
			),
		retries: retriesSchema()
			.optional()
			.describe("What is tried again, by gRPC clients and Envoys that take their routes from here."),
		hostRewrite: oneOf(["auto"])
			.optional()
			.describe(
				"The host of a request becomes the hostname of the endpoint that it goes to, where that has one, by gRPC clients that trust Fingerpost and Envoys that take their routes from here.",
			),
		proxy: proxySchema()
			.optional()
			.describe(
				"The HTTP proxy by which the endpoints are connected to, an IP address and port; or the metadata in which each endpoint has its own. off: none, where defaults have one.",
			),
		gcpAudience: text("a URL")
			.optional()
			.describe(
				"For whom the identity tokens are that clients on Google Cloud bring with their requests, by their own GCP authentication filter. With tls. off: none, where defaults have one.",
			),
		envoy: overlaySchema()
			.optional()
			.describe("Merged last into what Envoys get; off: nothing, where defaults have it."),
	};
}

/** Envoy's. */
const BASE_EJECTION_MS = 30_000;

function outlierDetectionSchema() {
	const error = ({ input }: { readonly input?: unknown }) =>
		`expected off or settings such as {consecutive5xx: 5}, not ${describe(input)}`;
	const from = <K extends string, S>(keys: readonly K[], schema: (key: K) => S) =>
		Object.fromEntries(keys.map((key) => [key, schema(key)])) as Record<K, S>;
	const settings = strictObject({
		...from(OUTLIER_COUNTS, (key) => count({ example: 5 }).optional().describe(aboutOutlier(key))),
		...from(OUTLIER_PERCENTS, (key) => percent(50).optional().describe(aboutOutlier(key))),
		...from(OUTLIER_DURATIONS, (key) =>
			duration({ example: "10s", minimum: key === "maxEjectionTimeJitter" ? 0 : 1 })
				.optional()
				.describe(aboutOutlier(key)),
		),
		...from(OUTLIER_FLAGS, (key) => flag().optional().describe(aboutOutlier(key))),
	}).refine(({ maxEjectionTime: max, baseEjectionTime: base = BASE_EJECTION_MS }) => max === undefined || max >= base, {
		error: "is below baseEjectionTime, which is 30s unless given",
		path: ["maxEjectionTime"],
	});
	return z.union([z.literal("off", { error }), settings.transform((each): OutlierSettings => each)], { error });
}

/** `maxEjectionPercent` is Envoy's `max_ejection_percent`. */
function aboutOutlier(key: string): string {
	const field = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace("5xx", "_5xx");
	return `As Envoy's ${field}.`;
}

function circuitBreakersSchema() {
	const limit = (what: string, usual: number) =>
		count({ example: usual }).optional().describe(`${what}; ${usual} unless given.`);
	return strictObject({
		maxConnections: limit("Connections to all endpoints", 1024),
		maxPendingRequests: limit("Requests that wait for a connection", 1024),
		maxRequests: limit("Requests under way", 1024),
		maxRetries: limit("Retries under way", 1024),
	});
}

function subsetsSchema() {
	const names = z
		.array(text("a name of metadata"), {
			error: ({ input }) => `expected a list of names such as [version], not ${describe(input)}`,
		})
		.min(1, { error: "expected at least one name" })
		.refine((keys) => new Set(keys).size === keys.length, { error: "has a name twice" });
	return z.array(names, {
		error: ({ input }) => `expected lists of names such as [[version], [version, stage]], not ${describe(input)}`,
	});
}
