import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as api from "../../src/index.js";

const page = await readFile(join(import.meta.dirname, "../../docs/library.md"), "utf8");
const source = await readFile(join(import.meta.dirname, "../../src/util/errors.ts"), "utf8");

/** What only the command line throws. */
const OF_THE_CLI = ["ADMIN_UNREACHABLE", "USAGE"];

describe("docs/library.md", () => {
	it("tells of everything that is exported", () => {
		expect(Object.keys(api).filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
	});

	it("lists every class of error, and every code", () => {
		const [, table = ""] = /\n## Errors\n(.*)$/s.exec(page) ?? [];
		const rows = [...table.matchAll(/^\| `(\w+)` *\| `([A-Z_]+)` *\|/gm)];
		const classes = Object.entries(api).flatMap(([name, value]) =>
			typeof value === "function" && value.prototype instanceof api.FingerpostError ? [name] : [],
		);
		expect([...new Set(rows.map(([, name]) => name))].sort()).toEqual([...classes, "FingerpostError"].sort());
		const [, codes = ""] = /export type ErrorCode =(.*?);/s.exec(source) ?? [];
		expect(rows.map(([, , code]) => code).sort()).toEqual(
			[...codes.matchAll(/"([A-Z_]+)"/g)]
				.map(([, code = ""]) => code)
				.filter((code) => !OF_THE_CLI.includes(code))
				.sort(),
		);
	});
});

describe("what the library says", () => {
	it("has no words of the command line", async () => {
		const folder = join(import.meta.dirname, "../../src");
		const files = (await readdir(folder, { recursive: true })).filter(
			(path) => path.endsWith(".ts") && !/^(gen|cli)\/|^main\.ts$/.test(path),
		);
		expect(files.length).toBeGreaterThan(200);
		const told = await Promise.all(
			files.map(async (path) => {
				const text = (await readFile(join(folder, path), "utf8")).replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, "");
				const strings = text.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
				return strings
					.filter((each) => /(^|[\s"`'])--[a-z]{2,}|npx |FINGERPOST_/.test(each))
					.map((each) => `${path}: ${each}`);
			}),
		);
		expect(told.flat()).toEqual([]);
	});
});
