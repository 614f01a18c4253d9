import { z } from "zod";
import { describe } from "../input/check.js";
import { duration } from "../input/duration-schema.js";
import { endpointListSchema } from "../input/endpoint-schema.js";
import { oneOf } from "../input/one-of.js";
import { strictObject } from "../input/strict-object.js";
import type { Endpoint } from "../model/endpoint.js";
import {
	DEFAULT_CONNECT_TIMEOUT_MS,
	PROTOCOLS,
	type ServiceCompare,
	type ServiceTarget,
	serviceNameProblem,
} from "../model/service.js";
import { formatDuration } from "../util/duration.js";
import { policiesShape } from "./policies/policies-shape.js";
import type { WrittenSettings } from "./policies/settings-filler.js";
import { safeguardsShape } from "./sections/safeguards-section.js";
import { subsetSchema } from "./sections/subset-schema.js";
import { upstreamTlsSchema } from "./sections/upstream-tls-schema.js";
import { zonesSchema } from "./sections/zones-schema.js";
import type { TargetReader } from "./target-reader.js";
import { alone, targetListSchema, targetSchema } from "./target-schema.js";

export function serviceNameSchema() {
	return z.string().superRefine((name, ctx) => {
		const problem = serviceNameProblem(name);
		if (problem !== undefined) ctx.addIssue({ code: "custom", message: problem });
	});
}

/** What is written of a service; the rest is filled in. */
export interface WrittenService extends WrittenSettings {
	readonly targets: readonly ServiceTarget[];
	readonly endpoints?: readonly Endpoint[] | undefined;
	readonly compare?: ServiceCompare | undefined;
}

/** A service as it is written: a target alone, or keys. */
export function serviceSchema(targets: TargetReader) {
	const target = targetSchema(targets);
	return z.union([target.transform((t): WrittenService => ({ targets: [alone(t)] })), serviceObject(targets)], {
		error: ({ input }) =>
			`expected a target such as file:///etc/endpoints.yaml, or keys with a target, targets or endpoints, not ${describe(input)}`,
	});
}

const SOURCES = ["target", "targets", "endpoints"] as const;

/** What is said of a service beside where its endpoints are found. */
export function settingsShape() {
	return {
		protocol: oneOf(PROTOCOLS).optional().meta({
			default: "http1",
			description: "What the endpoints speak; http2 and grpc make Envoy use HTTP/2 to them.",
		}),
		connectTimeout: duration({ example: "5s", minimum: 1 })
			.optional()
			.describe(
				`How long Envoy waits for a connection to an endpoint; ${formatDuration(DEFAULT_CONNECT_TIMEOUT_MS)} unless given.`,
			),
		tls: upstreamTlsSchema()
			.optional()
			.describe("Clients connect to the endpoints by TLS, as they do to https:// targets without it."),
		subset: subsetSchema()
			.optional()
			.describe(
				"Each client gets a part of the endpoints, for very large services. All of them unless given; off: all, where defaults say otherwise.",
			),
		zones: zonesSchema()
			.optional()
			.describe(
				"Where clients that name their zone are sent. local: to endpoints of their zone first, as far as these bear it. off: to all alike. local unless given.",
			),
		...safeguardsShape(),
		...policiesShape(),
	};
}

/** What holds for all services that do not say otherwise. */
export function defaultsSchema() {
	return strictObject(settingsShape());
}

function serviceObject(targets: TargetReader) {
	const target = targetSchema(targets);
	const shape = {
		target: target.optional().describe("Where the endpoints are found."),
		targets: targetListSchema(targets).optional().describe("Several targets: merged, or failover by priority."),
		endpoints: endpointListSchema.optional().describe("The endpoints, written out."),
		...settingsShape(),
		compare: strictObject({
			with: target.describe(
				"A second target that is watched and not served; the admin API tells where the two differ.",
			),
		})
			.optional()
			.describe("Another target to hold the service against, as before a migration."),
	};
	return strictObject(shape)
		.refine((service) => sourcesOf(service).length === 1, {
			error: ({ input }) => {
				const given = sourcesOf(input as object);
				return `expected exactly one of target, targets and endpoints, ${given.length === 0 ? "none is" : `${given.join(" and ")} are`} given`;
			},
			// Also while other keys are wrong, so that all is told at once; but a misspelt `endpoints` is told only once.
			when: ({ value, issues }) =>
				typeof value === "object" &&
				value !== null &&
				!issues.some((issue) => issue.code === "unrecognized_keys" && !issue.path?.length),
		})
		.transform(
			({ target: single, targets, ...rest }): WrittenService => ({
				...rest,
				targets: single === undefined ? (targets ?? []) : [alone(single)],
			}),
		);
}

function sourcesOf(service: object): readonly string[] {
	return SOURCES.filter((key) => (service as Record<string, unknown>)[key] !== undefined);
}
