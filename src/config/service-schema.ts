import { z } from "zod";
import { describe } from "../input/check.js";
import { duration } from "../input/duration-schema.js";
import { endpointListSchema, prioritySchema } from "../input/endpoint-schema.js";
import { oneOf } from "../input/one-of.js";
import { strictObject } from "../input/strict-object.js";
import { DEFAULT_CONNECT_TIMEOUT_MS, PROTOCOLS, type ServiceTarget, serviceNameProblem } from "../model/service.js";
import { PROVIDER_KINDS } from "../providers/provider-kinds.js";
import { formatDuration } from "../util/duration.js";
import { messageOf } from "../util/errors.js";
import type { TargetReader } from "./target-reader.js";

/** A service as it is written. */
export function serviceSchema(targets: TargetReader) {
	const target = targetSchema(targets);
	return z.union([target.transform((t) => ({ ...DEFAULTS, targets: [alone(t)] })), serviceObject(targets)], {
		error: ({ input }) =>
			`expected a target such as file:///etc/endpoints.yaml, or keys with a target, targets or endpoints, not ${describe(input)}`,
	});
}

const DEFAULTS = { protocol: "http1", connectTimeout: DEFAULT_CONNECT_TIMEOUT_MS, endpoints: undefined } as const;
const SOURCES = ["target", "targets", "endpoints"] as const;

/** What is said of a service beside where its endpoints are found. */
export function settingsShape() {
	return {
		protocol: oneOf(PROTOCOLS)
			.default("http1")
			.describe("What the endpoints speak; http2 and grpc make Envoy use HTTP/2 to them."),
		connectTimeout: duration({ example: "5s", minimum: 1 })
			.prefault(formatDuration(DEFAULT_CONNECT_TIMEOUT_MS))
			.describe("How long Envoy waits for a connection to an endpoint."),
	};
}

function serviceObject(targets: TargetReader) {
	const target = targetSchema(targets);
	const shape = {
		target: target.optional().describe("Where the endpoints are found."),
		targets: z
			.array(targetEntry(targets), {
				error: ({ input }) => `expected a list of targets, not ${describe(input)}`,
			})
			.min(1, { error: "expected at least one target" })
			.optional()
			.describe("Several targets: merged, or failover by priority."),
		endpoints: endpointListSchema.optional().describe("The endpoints, written out."),
		...settingsShape(),
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
		.transform(({ target: single, targets, ...rest }) => ({
			...rest,
			targets: single === undefined ? (targets ?? []) : [alone(single)],
		}));
}

function sourcesOf(service: object): readonly string[] {
	return SOURCES.filter((key) => (service as Record<string, unknown>)[key] !== undefined);
}

function alone(target: ServiceTarget["target"]): ServiceTarget {
	return { target, priority: 0 };
}

function targetEntry(targets: TargetReader) {
	const target = targetSchema(targets);
	return z.union([target.transform(alone), strictObject({ target, priority: prioritySchema })], {
		error: ({ input }) => `expected a target or {target, priority}, not ${describe(input)}`,
	});
}

function targetSchema(targets: TargetReader) {
	return z
		.string()
		.meta({
			description: "Where endpoints are found: scheme://…, or an address and port.",
			examples: PROVIDER_KINDS.map(({ example }) => example),
		})
		.transform((text, ctx) => {
			try {
				return targets.read(text);
			} catch (error) {
				ctx.addIssue({ code: "custom", message: messageOf(error) });
				return z.NEVER;
			}
		});
}

/** The name of a service. */
export function nameSchema() {
	return z.string().superRefine((name, ctx) => {
		const problem = serviceNameProblem(name);
		if (problem !== undefined) ctx.addIssue({ code: "custom", message: problem });
	});
}
