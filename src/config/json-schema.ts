import { z } from "zod";
import { Registry } from "../providers/registry.js";
import { EXTENSION } from "./extensions.js";
import { configSchema } from "./schema.js";

/**
 * The JSON Schema (draft 2020-12) of the config as it is written, for editors. It knows keys, types, ranges and defaults;
 * whether an address or target can be used is checked when the config is read.
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
	const schema = z.toJSONSchema(configSchema(new Registry()), { io: "input" });
	withModules(schema);
	return { ...schema, patternProperties: { [EXTENSION.source]: {} }, title: "Fingerpost config" };
}

/** A module's options are known to the module alone, so they are in no schema. */
function withModules({ properties }: { readonly properties?: Readonly<Record<string, unknown>> }): void {
	const providers = properties?.providers as { additionalProperties?: unknown } | undefined;
	if (!providers) return;
	const ofModule = {
		type: "object",
		properties: {
			module: { type: "string", description: "The file that exports the kind of provider.", examples: ["./mine.mjs"] },
		},
		required: ["module"],
	};
	providers.additionalProperties = { anyOf: [providers.additionalProperties, ofModule] };
}
