import { z } from "zod";
import { describe } from "../input/check.js";
import { duration } from "../input/duration-schema.js";
import { endpointListSchema, prioritySchema } from "../input/endpoint-schema.js";
import { oneOf } from "../input/one-of.js";
import { strictObject } from "../input/strict-object.js";
import { DEFAULT_CONNECT_TIMEOUT_MS, PROTOCOLS, type ServiceTarget, serviceNameProblem } from "../model/service.js";
import { PROVIDER_KINDS } from "../providers/provider-kinds.js";
import { providersSchema } from "../providers/provider-settings.js";
import type { Registry } from "../providers/registry.js";
import { DEFAULT_MAX_ENDPOINTS } from "../providers/watch/max-endpoints.js";
import { formatDuration } from "../util/duration.js";
import { messageOf } from "../util/errors.js";
import { adminSchema } from "./servers/admin-schema.js";
import { MAX_LIMIT, xdsSchema } from "./servers/xds-schema.js";
import { TargetReader } from "./target-reader.js";

/**
 * The config as it is written. Types, checks and the JSON Schema all come from here; each key has its description and
 * default.
 * @param registry says which targets there can be.
 * @param targets by which they are read; it learns of the providers that the config itself makes.
 */
export function configSchema(registry: Registry, targets = new TargetReader(registry)) {
	return strictObject({
		xds: xdsSchema().prefault({}).describe("The xDS server."),
		admin: adminSchema().prefault({}).describe("The admin server."),
		removalGrace: duration({ example: "30s" })
			.prefault("30s")
			.describe("How long a service that was removed stays as it was."),
		syncDeadline: duration({ example: "10s" })
			.prefault("10s")
			.describe(
				"After this time a client that brings no version gets an empty assignment for a service that is still unknown.",
			),
		maxEndpoints: z
			.int({ error: ({ input }) => `expected a whole number such as ${DEFAULT_MAX_ENDPOINTS}, not ${describe(input)}` })
			.min(1, { error: ({ input }) => `a limit is at least 1, not ${input}` })
			.max(MAX_LIMIT, { error: ({ input }) => `a limit is at most ${MAX_LIMIT}, not ${input}` })
			.default(DEFAULT_MAX_ENDPOINTS)
			.describe(
				"Endpoints that one target may bring; a source that gives more counts as failed, and the last ones stay.",
			),
		// Before the services: their targets may name instances of it.
		providers: providersSchema(targets.add)
			.prefault({})
			.describe("Settings of providers by name; a name of your own with a type is another instance, and its scheme."),
		services: z
			.record(nameSchema(), serviceSchema(targets), {
				error: ({ input }) =>
					input === undefined
						? "is missing; without services there is nothing to serve: give at least services: {}"
						: `expected services by their names, not ${describe(input)}; none at all is services: {}`,
			})
			.describe("The services by name: what clients ask for."),
	});
}

/** A config as a program writes it: the keys of the file. */
export type ConfigInput = z.input<ReturnType<typeof configSchema>>;
export type ConfigOutput = z.output<ReturnType<typeof configSchema>>;

function serviceSchema(targets: TargetReader) {
	const target = targetSchema(targets);
	return z.union([target.transform((t) => ({ ...DEFAULTS, targets: [alone(t)] })), serviceObject(targets)], {
		error: ({ input }) =>
			`expected a target such as file:///etc/endpoints.yaml, or keys with a target, targets or endpoints, not ${describe(input)}`,
	});
}

const DEFAULTS = { protocol: "http1", connectTimeout: DEFAULT_CONNECT_TIMEOUT_MS, endpoints: undefined } as const;
const SOURCES = ["target", "targets", "endpoints"] as const;

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
		protocol: oneOf(PROTOCOLS)
			.default("http1")
			.describe("What the endpoints speak; http2 and grpc make Envoy use HTTP/2 to them."),
		connectTimeout: duration({ example: "5s", minimum: 1 })
			.prefault(formatDuration(DEFAULT_CONNECT_TIMEOUT_MS))
			.describe("How long Envoy waits for a connection to an endpoint."),
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

function nameSchema() {
	return z.string().superRefine((name, ctx) => {
		const problem = serviceNameProblem(name);
		if (problem !== undefined) ctx.addIssue({ code: "custom", message: problem });
	});
}
