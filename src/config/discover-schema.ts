import { z } from "zod";
import { describe } from "../input/check.js";
import { DEFAULT_TEMPLATE, templateProblem } from "../input/name-template.js";
import { strictObject } from "../input/strict-object.js";
import type { Target } from "../model/target.js";
import { PROVIDER_KINDS } from "../providers/provider-kinds.js";
import { messageOf } from "../util/errors.js";
import type { WrittenSettings } from "./policies/settings-filler.js";
import { settingsShape } from "./service-schema.js";
import type { TargetReader } from "./target-reader.js";

/** What is written of a registry; the rest of the settings is filled in. */
export interface WrittenEntry {
	readonly target: Target;
	readonly name: string;
	readonly settings: WrittenSettings;
}

/** The list of whole registries. */
export function discoverSchema(targets: TargetReader) {
	const target = registryTarget(targets);
	const shape = strictObject({
		target: target.describe("What stands for the whole registry."),
		name: nameTemplate()
			.default(DEFAULT_TEMPLATE)
			.describe("How its services are called here; {service}, {namespace}, {port} and {datacenter} are replaced."),
		...settingsShape(),
	});
	const alone = target.transform((of) => ({ target: of, name: DEFAULT_TEMPLATE }));
	const entry = z.union([alone, shape], {
		error: ({ input }) => `expected a target such as k8s:///shop/*:http, or keys with a target, not ${describe(input)}`,
	});
	const asEntry = entry.transform(
		({ target: of, name, ...rest }): WrittenEntry => ({ target: of, name, settings: rest }),
	);
	return z.array(asEntry, { error: ({ input }) => `expected a list of registries, not ${describe(input)}` });
}

function registryTarget(targets: TargetReader) {
	return z
		.string()
		.meta({
			description: "A whole registry: scheme://… with a * for the services.",
			examples: PROVIDER_KINDS.flatMap(({ exampleAll }) => exampleAll ?? []),
		})
		.transform((text, ctx) => {
			try {
				return targets.readRegistry(text);
			} catch (error) {
				ctx.addIssue({ code: "custom", message: messageOf(error) });
				return z.NEVER;
			}
		});
}

function nameTemplate() {
	return z
		.string({ error: ({ input }) => `expected a name such as {service}.prod, not ${describe(input)}` })
		.meta({ examples: ["{service}.{namespace}"] })
		.superRefine((template, ctx) => {
			const problem = templateProblem(template);
			if (problem !== undefined) ctx.addIssue({ code: "custom", message: problem });
		});
}
