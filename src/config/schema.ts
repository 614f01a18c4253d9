import { z } from "zod";
import { describe } from "../input/check.js";
import { duration } from "../input/duration-schema.js";
import { strictObject } from "../input/strict-object.js";
import { DEFAULT_LIMITS, type Limits } from "../model/limits.js";
import { type ModuleLookUp, NO_MODULES } from "../providers/module/module-settings.js";
import { providersSchema } from "../providers/provider-settings.js";
import type { Registry } from "../providers/registry.js";
import { DEFAULT_MAX_ENDPOINTS } from "../providers/watch/max-endpoints.js";
import { discoverSchema } from "./discover-schema.js";
import { parseListen } from "./listen.js";
import { safeguardsShape, stateSection } from "./sections/safeguards-section.js";
import { serviceNameSchema, serviceSchema } from "./service-schema.js";
import { TargetReader } from "./target-reader.js";

/**
 * The config as it is written. Types, checks and the JSON Schema all come from here; each key has its description and
 * default.
 * @param registry says which targets there can be.
 * @param targets by which they are read; it learns of the providers that the config itself makes.
 * @param modules those that the config names.
 */
export function configSchema(
	registry: Registry,
	targets = new TargetReader(registry),
	modules: ModuleLookUp = NO_MODULES,
) {
	return strictObject({
		xds: strictObject({
			listen: listen("127.0.0.1:18000").describe("Where xDS is served: ADS and EDS on one gRPC port."),
			ttl: duration({ example: "5m" })
				.refine((ms) => ms === 0 || ms >= MIN_TTL, { error: "expected 0s or at least 1s" })
				.optional()
				.describe(
					"How long Envoy keeps clusters, listeners and routes without hearing of them. For ever unless given.",
				),
			maxConnectionAge: duration({ example: "1h", minimum: 1_000 })
				.optional()
				.describe(
					"After this time, a tenth more or less, a connection is ended in order, so that clients spread over replicas again. Never unless given.",
				),
			cluster: clusterName("fingerpost-xds").describe(
				"The static cluster in Envoy's own config that leads to this port: where an Envoy without ADS finds the rest.",
			),
			rest: restSchema().prefault({}).describe("xDS by REST-JSON, for Envoys that poll (api_type REST)."),
			limits: limitsSchema()
				.prefault({})
				.describe("How much one client may ask for; beyond it, that client alone is refused or slowed down."),
		})
			.prefault({})
			.describe("The xDS server."),
		admin: strictObject({
			listen: listen("127.0.0.1:18001").describe("Where the admin API, metrics and health are served."),
			health: address("0.0.0.0:18003")
				.optional()
				.describe("Where health and readiness are served alone, for probes. Only with the admin API unless given."),
			metrics: z
				.boolean({ error: ({ input }) => `expected true or false, not ${describe(input)}` })
				.default(true)
				.describe("Whether the metrics are served where health is, too."),
		})
			.prefault({})
			.describe("The admin server."),
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
		state: stateSection().prefault({}).describe("What outlives the process."),
		...safeguardsShape(),
		// Before the services: their targets may name instances of it.
		providers: providersSchema(targets.add, modules)
			.prefault({})
			.describe("Settings of providers by name; a name of your own with a type is another instance, and its scheme."),
		discover: discoverSchema(targets)
			.optional()
			.describe("Whole registries: each service that one has becomes a service here, as they come and go."),
		services: z
			.record(serviceNameSchema(), serviceSchema(targets), {
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

const MIN_TTL = 1_000;
/** What HTTP/2 can say. */
const MAX_LIMIT = 2 ** 31 - 1;

function restSchema() {
	return strictObject({
		listen: address("127.0.0.1:18002").optional().describe("Where it is served; it is not, unless this is given."),
		cluster: clusterName("fingerpost-rest").describe(
			"The static cluster in Envoy's own config that leads to this port.",
		),
		refreshDelay: duration({ example: "5s", minimum: 1 })
			.prefault("5s")
			.describe("How long Envoy waits between two polls of a cluster's endpoints."),
	});
}

function clusterName(fallback: string) {
	return z
		.string({ error: ({ input }) => `expected the name of a cluster, not ${describe(input)}` })
		.min(1, { error: "expected the name of a cluster" })
		.default(fallback);
}

function limitsSchema() {
	const limit = (key: keyof Limits) =>
		z
			.int({ error: ({ input }) => `expected a whole number such as ${DEFAULT_LIMITS[key]}, not ${describe(input)}` })
			.min(1, { error: ({ input }) => `a limit is at least 1, not ${input}` })
			.max(MAX_LIMIT, { error: ({ input }) => `a limit is at most ${MAX_LIMIT}, not ${input}` })
			.default(DEFAULT_LIMITS[key]);
	return strictObject({
		nameLength: limit("nameLength").describe("Bytes of a resource name that a client may ask for."),
		names: limit("names").describe("Names that a stream may ask for, of each type."),
		allNames: limit("allNames").describe(
			"Names that all streams may ask for, and no address more than a fourth of them; a list that many clients ask for counts once.",
		),
		streams: limit("streams").describe(
			"Streams over all connections; no address has more than a fourth of them, or 1000.",
		),
		streamsPerConnection: limit("streamsPerConnection").describe("Streams of one connection at a time."),
		connections: limit("connections").describe(
			"Connections at a time; no address has more than a fourth of them, or 1000.",
		),
		requestsPerSecond: limit("requestsPerSecond").describe(
			"Requests of a stream that are read in a second; each 64 KiB of a request count as one more.",
		),
		messageBytes: limit("messageBytes").describe("Bytes of a request, also after decompression."),
		unreadBytes: limit("unreadBytes").describe("Bytes of all requests that have not arrived completely."),
	});
}

function listen(fallback: string) {
	return address(fallback).prefault(fallback);
}

function address(example: string) {
	return z
		.string({ error: ({ input }) => `expected host:port such as ${example}, not ${describe(input)}` })
		.meta({ examples: [example, "0.0.0.0:0"] })
		.transform((text, ctx) => {
			const parsed = parseListen(text);
			if (!("problem" in parsed)) return parsed;
			ctx.addIssue({ code: "custom", message: parsed.problem });
			return z.NEVER;
		});
}
