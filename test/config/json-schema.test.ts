import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configJsonSchema } from "../../src/config/json-schema.js";

const ROOT = join(import.meta.dirname, "../..");

describe("the JSON Schema of the config", () => {
	// A schema that has been read by another path than the one that wrote it.
	const schema = z.fromJSONSchema(configJsonSchema() as z.core.JSONSchema.JSONSchema);

	it("takes the quick-start example", async () => {
		const example: unknown = parse(await readFile(join(ROOT, "examples/static/fingerpost.yaml"), "utf8"));
		expect(schema.safeParse(example).error).toBeUndefined();
	});

	it.each([
		["a misspelt key", { servces: {}, services: {} }],
		["no services", {}],
		["a weight out of range", { services: { a: { endpoints: [{ address: "1.2.3.4:5", weight: -1 }] } } }],
		["an unknown health", { services: { a: { endpoints: [{ address: "1.2.3.4:5", health: "x" }] } } }],
		["a number for a duration", { removalGrace: 30, services: {} }],
		["a duration of another form", { removalGrace: "30 s", services: {} }],
	])("refuses %s", (_, config) => {
		expect(schema.safeParse(config).success).toBe(false);
	});

	it("is the one that editors are given (docs/fingerpost.schema.json)", async () => {
		// To make it anew: node dist/main.js validate --json-schema > docs/fingerpost.schema.json, then Biome's format.
		const published: unknown = JSON.parse(await readFile(join(ROOT, "docs/fingerpost.schema.json"), "utf8"));
		expect(published).toEqual(configJsonSchema());
	});
});
