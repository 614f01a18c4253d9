import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LOG_LEVELS, LOG_MESSAGES } from "../../src/app/log/messages.js";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/logs.md"), "utf8");
const MESSAGES = "src/app/log/messages.ts";

/** `| `message` | level | fields |`; what stands in brackets explains a field. */
const rows = [...page.matchAll(/^\| `([^`]+)` \| (\w+) \|(.*)\|$/gm)].map(
	([, message = "", level = "", fields = ""]) =>
		[
			message,
			{ level, fields: [...fields.replace(/\([^)]*\)/g, "").matchAll(/`([^`]+)`/g)].map(([, name]) => name) },
		] as const,
);

const sources = new Map(
	readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
		.map((name) => `src/${name}`)
		.filter((path) => path.endsWith(".ts") && !path.startsWith("src/gen/"))
		.map((path) => [path, readFileSync(join(ROOT, path), "utf8")] as const),
);

describe("docs/logs.md", () => {
	it("has each message with its level and its fields, and no other", () => {
		const told = Object.fromEntries(rows.map(([message, { level, fields }]) => [message, { level, fields }]));
		expect(told).toEqual(LOG_MESSAGES);
		expect(rows.length).toBe(Object.keys(LOG_MESSAGES).length);
	});

	it("explains each field, and no other", () => {
		const [, section = ""] = /^## Fields\n(.*)/ms.exec(page) ?? [];
		const explained = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|(.+)\|$/gm)].flatMap(
			([, names = "", what = ""]) => {
				expect(what.trim(), names).not.toBe("");
				return [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name);
			},
		);
		const fields = new Set(Object.values(LOG_MESSAGES).flatMap(({ fields: names }) => [...names] as string[]));
		expect(explained.toSorted()).toEqual([...fields].toSorted());
	});

	it("names the levels", () => {
		const [, levels = ""] = /`--log-level` says .*?:(.*?)\.\n/s.exec(page) ?? [];
		expect([...levels.matchAll(/`(\w+)`/g)].map(([, level]) => level)).toEqual(LOG_LEVELS);
	});
});

describe("the messages", () => {
	it("are logged by logLine() alone", () => {
		const calls = [...sources].flatMap(([path, text]) =>
			[...text.matchAll(/\blog(?:ger)?\.(?:trace|debug|info|warn|error|fatal)\(/g)].map(([call]) => `${path}: ${call}`),
		);
		expect(calls).toEqual([]);
	});

	it("are each logged somewhere", () => {
		const others = [...sources].filter(([path]) => path !== MESSAGES).map(([, text]) => text);
		const all = others.join("\n");
		const parts = (message: string) => (message.startsWith("target failed; ") ? message.slice(15) : message);
		const unused = Object.keys(LOG_MESSAGES).filter((message) => !all.includes(`"${parts(message)}"`));
		expect(unused).toEqual([]);
	});
});
