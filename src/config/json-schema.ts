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
	return { ...schema, patternProperties: { [EXTENSION.source]: {} }, title: "Fingerpost config" };
}
