import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configJsonSchema } from "../../src/config/json-schema.js";
import { loadConfig, parseConfig } from "../../src/config/load.js";
import { parseEndpoints } from "../../src/input/endpoint-file.js";
import { InvalidConfig } from "../../src/input/invalid-config.js";
import { POLICY_KEYS } from "../../src/model/policies/policies.js";
import { hasSettings } from "../../src/providers/provider-kind.js";
import { PROVIDER_KINDS } from "../../src/providers/provider-kinds.js";
import { Registry } from "../../src/providers/registry.js";

const ROOT = join(import.meta.dirname, "../..");
const options = { registry: new Registry(), env: {} };

interface Schema {
	readonly description?: string;
	readonly default?: unknown;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly additionalProperties?: Schema | boolean;
	readonly items?: Schema;
	readonly anyOf?: readonly Schema[];
	readonly oneOf?: readonly Schema[];
}

/** Every key of the config with its schema, `services.NAME.endpoints[].weight`, but the settings of providers. */
function keysOf(schema: Schema, path = ""): [string, Schema][] {
	const keys: [string, Schema][] = [];
	for (const [name, inner] of Object.entries(schema.properties ?? {})) {
		const key = path === "" ? name : `${path}.${name}`;
		if (isSetting(key) || isOfService(key)) continue;
		keys.push([key, inner], ...keysOf(inner, key));
	}
	if (typeof schema.additionalProperties === "object")
		keys.push(...keysOf(schema.additionalProperties, `${path}.NAME`));
	if (schema.items) keys.push(...keysOf(schema.items, `${path}[]`));
	for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) keys.push(...keysOf(branch, path));
	return keys;
}

/** Those have tables of their own, in the providers' pages. */
function isSetting(key: string): boolean {
	return /^providers\.[^.]+\./.test(key) && key !== "providers.NAME.type";
}

/** They are told at a service. */
function isOfService(key: string): boolean {
	return key.startsWith("defaults.") || POLICY_KEYS.some((policy) => key.startsWith(`discover[].${policy}`));
}

function blocks(page: string, language: string): string[] {
	return [...page.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)]
		.filter(([, l]) => l === language)
		.map(([, , text = ""]) => text);
}

const page = await readFile(join(ROOT, "docs/configuration.md"), "utf8");
const rows = [...page.matchAll(/^\| `([A-Za-z][^`]*)` *\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
const keys = new Map(keysOf(configJsonSchema() as Schema));

describe("docs/configuration.md", () => {
	it("names every key of the config, and no other", () => {
		expect(rows.map(([, key]) => key).toSorted()).toEqual([...keys.keys()].toSorted());
	});

	it("gives each key's default as it is", () => {
		for (const [, key = "", , , fallback = ""] of rows) {
			const text = /`(.*)`/.exec(fallback)?.[1];
			expect(text === undefined ? undefined : parse(text), key).toEqual(keys.get(key)?.default);
		}
	});

	it("and the schema describe every key", () => {
		for (const [key, { description }] of keys) expect(description, key).toBeTruthy();
		for (const [, key, what, type, , example] of rows)
			expect([what?.trim(), type?.trim(), example?.trim()], key).not.toContain("");
	});

	it("names the kinds that can have another instance", () => {
		const [, , what = ""] = rows.find(([, key]) => key === "providers.NAME.type") ?? [];
		const kinds = PROVIDER_KINDS.filter(hasSettings).map(({ type }) => type);
		expect([...what.matchAll(/`([^`]+)`/g)].map(([, kind]) => kind)).toEqual(kinds);
	});

	it("shows configs that are valid", () => {
		const shown = blocks(page, "yaml");
		expect(shown.length).toBeGreaterThanOrEqual(4);
		for (const text of shown) parseConfig(text, "docs/configuration.md", options);
	});

	it("shows the errors that an invalid config really gives", () => {
		const [invalid = ""] = blocks(page, "yaml invalid");
		const [told = ""] = blocks(page, "text");
		expect(() => parseConfig(invalid, "fingerpost.yaml", options)).toThrow(InvalidConfig);
		expect(() => parseConfig(invalid, "fingerpost.yaml", options)).toThrow(told.trimEnd());
	});
});

describe.each(PROVIDER_KINDS.filter(hasSettings).map((kind) => [kind.type, kind] as const))(
	"docs/providers/%s.md",
	(name, { options }) => {
		it("names every setting with its default, and no other", async () => {
			const text = await readFile(join(ROOT, `docs/providers/${name}.md`), "utf8");
			const [, table = ""] = /^\| key .*\n\| -.*\n((?:\|.*\n)*)/m.exec(text) ?? [];
			const told = new Map(
				[...table.matchAll(/^\| `([^`]+)` *\|([^|]*)\|/gm)].map(([, key = "", fallback = ""]) => [
					key,
					/^`([^`]*)`$/.exec(fallback.trim())?.[1],
				]),
			);
			const { properties = {} } = z.toJSONSchema(options, { io: "input" }) as Schema;
			expect([...told.keys()].toSorted()).toEqual(Object.keys(properties).toSorted());
			for (const [key, { default: fallback, description }] of Object.entries(properties)) {
				const value = told.get(key);
				expect(value === undefined ? undefined : parse(value), key).toEqual(fallback);
				expect(description, key).toBeTruthy();
			}
		});
	},
);

describe.each(PROVIDER_KINDS.map(({ type }) => type))("docs/providers/%s.md", (name) => {
	it.each(["README.md", "docs/configuration.md", "docs/library.md"])("is linked from %s", async (page) => {
		expect(await readFile(join(ROOT, page), "utf8")).toMatch(new RegExp(`\\]\\((?:docs/)?providers/${name}\\.md\\)`));
	});

	it("has the headings that all providers' pages have", async () => {
		const text = await readFile(join(ROOT, `docs/providers/${name}.md`), "utf8");
		const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
		expect(headings).toEqual(["Name", "Description", "Syntax", "Behaviour", "Failure", "Examples"]);
	});

	it("names an example, and the one command that runs it", async () => {
		const text = await readFile(join(ROOT, `docs/providers/${name}.md`), "utf8");
		const [, folder = ""] = /\]\(\.\.\/\.\.\/(examples\/[\w-]+)\)/.exec(text) ?? [];
		const files = await readdir(join(ROOT, folder));
		expect(files).toContain("fingerpost.yaml");
		if (files.includes("run.mjs")) expect(text.replaceAll("\n", " ")).toContain(`node ${folder}/run.mjs`);
		else expect(text).toMatch(name === "static" ? /`npm start`/ : /`docker compose -f \S+ up --build`/);
	});

	it("shows what is valid", async () => {
		const text = await readFile(join(ROOT, `docs/providers/${name}.md`), "utf8");
		const shown = blocks(text, "yaml");
		expect(shown.length).toBeGreaterThan(0);
		for (const block of shown) {
			if (block.startsWith("-")) parseEndpoints(block, name);
			else parseConfig(block, name, options);
		}
	});
});

it("the quick-start example is valid and shows weights, draining, gRPC and localities", async () => {
	const { services } = await loadConfig(join(ROOT, "examples/static/fingerpost.yaml"), options);
	const endpoints = [...services.values()].flatMap((service) => service.endpoints ?? []);
	expect([...services.values()].some((service) => service.protocol === "grpc")).toBe(true);
	expect(new Set(endpoints.map((e) => e.weight)).size).toBeGreaterThan(1);
	expect(endpoints.some((e) => e.health === "draining")).toBe(true);
	expect(new Set(endpoints.map((e) => e.locality.zone)).size).toBeGreaterThan(1);
	expect(endpoints.every((e) => e.address === "127.0.0.1" && e.port >= 8081 && e.port <= 8083)).toBe(true);
});
