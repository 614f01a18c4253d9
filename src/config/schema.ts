import { z } from "zod";
import { describe } from "../input/check.js";
import { duration } from "../input/duration-schema.js";
import { strictObject } from "../input/strict-object.js";
import { type ModuleLookUp, NO_MODULES } from "../providers/module/module-settings.js";
import { providersSchema } from "../providers/provider-settings.js";
import type { Registry } from "../providers/registry.js";
import { DEFAULT_MAX_ENDPOINTS } from "../providers/watch/max-endpoints.js";
import { discoverSchema } from "./discover-schema.js";
import { safeguardsShape, stateSection } from "./sections/safeguards-section.js";
import { adminSchema } from "./servers/admin-schema.js";
import { replicasSchema } from "./servers/replicas-schema.js";
import { MAX_LIMIT, xdsSchema } from "./servers/xds-schema.js";
import { defaultsSchema, serviceNameSchema, serviceSchema } from "./service-schema.js";
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
		replicas: replicasSchema()
			.optional()
			.describe(
				"Where the other replicas are: then all count the clients of all, for zones. Each counts its own unless given.",
			),
		state: stateSection().prefault({}).describe("What outlives the process."),
		...safeguardsShape(),
		// Before the services: their targets may name instances of it.
		providers: providersSchema(targets.add, modules)
			.prefault({})
			.describe("Settings of providers by name; a name of your own with a type is another instance, and its scheme."),
		defaults: defaultsSchema()
			.prefault({})
			.describe("Any key of a service but where its endpoints are found: what holds where a service does not say it."),
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
