import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dirname } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { circles, forbidden, importsOf, type May } from "./import-graph.js";

const ROOT = join(import.meta.dirname, "..");
const MAX_LINES = 250;
const MAX_MEDIAN_LINES = 100;
const MAX_FILES = 14;

/** What is still to be mended. Each must be there, so that the lists get shorter and never longer. */
const KNOWN = {
	circles: [] as readonly string[],
	longFiles: [] as readonly string[],
	largeFolders: [] as readonly string[],
};

/** What is no part of the program. */
const OUTSIDE = ["lab", "bench", "examples/mesh"] as const;

const files = new Map(
	["src", ...OUTSIDE].flatMap((root) =>
		readdirSync(join(ROOT, root), { recursive: true, encoding: "utf8" })
			.map((name) => `${root}/${name.replaceAll("\\", "/")}`)
			.filter((path) => /\.m?ts$|\.mjs$/.test(path) && !path.startsWith("src/gen/"))
			.map((path) => [path, readFileSync(join(ROOT, path), "utf8")] as const),
	),
);
const may = tableOf(readFileSync(join(ROOT, "docs/architecture.md"), "utf8"));

/** The table under "Who may import whom". */
function tableOf(page: string): May {
	const [, section = ""] = /^## Who may import whom\n(.*?)^## /ms.exec(page) ?? [];
	const rows = [...section.matchAll(/^\| `([^`]+)` *\|([^|]*)\|$/gm)];
	const table = rows.map(
		([, from = "", cell = ""]) => [from, [...cell.matchAll(/`([^`]+)`/g)].map(([, to = ""]) => to)] as const,
	);
	const src = table.map(([from]) => from).filter((room) => !OUTSIDE.some((root) => root === room));
	return Object.fromEntries(table.map(([from, to]) => [from, to.flatMap((room) => (room === "src" ? src : [room]))]));
}

/** The row of the table that a file belongs to. */
function roomOf(file: string): string {
	const outside = OUTSIDE.find((root) => file.startsWith(`${root}/`));
	if (outside) return outside;
	const [, room = "", floor = ""] = file.split("/");
	if (room === "server" && !floor.endsWith(".ts")) return `server/${floor}`;
	return room.replace(/\.ts$/, "");
}

/** What is told of a table of files. */
function told(table: Readonly<Record<string, string>>): { forbidden: string[]; circles: string[] } {
	const imports = importsOf(new Map(Object.entries(table)));
	return { forbidden: forbidden(imports, roomOf, may), circles: circles(imports) };
}

describe("the imports of src, lab, bench and examples/mesh", () => {
	const imports = importsOf(files);

	it("are found", () => {
		expect(files.size).toBeGreaterThan(250);
		expect(imports.length).toBeGreaterThan(800);
	});

	it("point one way, as the table in docs/architecture.md says", () => {
		expect(forbidden(imports, roomOf, may)).toEqual([]);
	});

	it("go in no circle, of files or of folders, but for the known ones", () => {
		expect(circles(imports)).toEqual(KNOWN.circles);
	});

	it("have a row in the table for every folder, and no row for a folder that is not there", () => {
		const rooms = new Set([...files.keys()].map(roomOf));
		expect([...Object.keys(may)].filter((room) => room !== "gen").toSorted()).toEqual([...rooms].toSorted());
	});
});

describe("what is told of imports", () => {
	const room = (path: string) => ({ [path]: "" });

	it.each([
		["src/util/limiter.ts", "src/client/client.ts"],
		["src/util/limiter.ts", "src/app/stream-log.ts"],
		["src/client/client.ts", "src/server/xds-server.ts"],
		["src/cache/cache.ts", "src/app/rest-serving.ts"],
		["src/server/wire/ttl.ts", "src/server/protocol/session.ts"],
		["src/server/protocol/session.ts", "src/server/transport/fan-out.ts"],
		["src/server/tools/health-service.ts", "src/server/transport/fan-out.ts"],
		["src/server/transport/fan-out.ts", "src/server/xds-server.ts"],
		["src/admin/page.ts", "src/config/config.ts"],
		["src/main.ts", "src/app/control-plane.ts"],
		["src/app/control-plane.ts", "lab/gate.ts"],
		["lab/gate.ts", "bench/run.ts"],
	])("includes one from %s to %s", (from, to) => {
		const up = "../".repeat(from.split("/").length - 1);
		const text = `import { x } from "${up}${to.replace(/\.ts$/, ".js")}";\n`;
		expect(told({ [from]: text, ...room(to) }).forbidden).toEqual([`${from} imports ${to}`]);
	});

	it.each([
		["import type", 'import type { A } from "../app/a.js";'],
		["an inline type", 'import { b, type A } from "../app/a.js";'],
		["an import over several lines", 'import {\n\tb,\n\ttype A,\n} from "../app/a.js";'],
		["a re-export", 'export { a } from "../app/a.js";\nexport * from "../app/a.js";'],
		["an import for its effect", 'import "../app/a.js";'],
		["import()", 'const a = await import("../app/a.js");'],
		["import() over several lines", 'const a = await import(\n\t"../app/a.js"\n);'],
		["import() as a type", 'let a: import("../app/a.js").A;'],
		["require()", 'const a = require("../app/a.js");'],
	])("includes %s", (_, text) => {
		expect(told({ "src/util/b.ts": text, ...room("src/app/a.ts") }).forbidden).toContain(
			"src/util/b.ts imports src/app/a.ts",
		);
	});

	it("includes a circle of types", () => {
		const table = {
			"src/util/a.ts": 'import type { B } from "./b.js";',
			"src/util/b.ts": 'import { type C } from "./c.js";',
			"src/util/c.ts": 'export let a: import("./a.js").A;',
			"src/util/d.ts": 'import { a } from "./a.js";',
		};
		expect(told(table).circles).toEqual(["src/util/a.ts, src/util/b.ts, src/util/c.ts"]);
	});

	it("includes a circle of folders of which no file is in a circle", () => {
		const table = {
			"bench/one/a.ts": 'import "../two/b.js";',
			"bench/two/b.ts": "",
			"bench/two/c.ts": 'import "../three/d.js";',
			"bench/three/d.ts": 'import "../one/e.js";',
			"bench/one/e.ts": "",
		};
		expect(told(table).circles).toEqual(["bench/one/, bench/three/, bench/two/"]);
	});

	it("includes a circle through a file beside a folder", () => {
		const table = {
			"src/util/index.ts": 'import "./deep/a.js";',
			"src/util/deep/a.ts": "",
			"src/util/deep/b.ts": 'import "../index.js";',
		};
		expect(told(table).circles).toEqual(["src/util/deep/, src/util/index.ts"]);
	});

	it("does not include a folder that needs a file beside it", () => {
		const table = {
			"src/util/all.ts": 'import "./deep/a.js";',
			"src/util/deep/a.ts": 'import "../shared.js";',
			"src/util/shared.ts": "",
		};
		expect(told(table)).toEqual({ forbidden: [], circles: [] });
	});

	it("is not silent about an import that leads nowhere, nor about a folder without a row", () => {
		expect(() => told({ "src/util/a.ts": 'import "./gone.js";' })).toThrow("src/util/a.ts imports ./gone.js");
		expect(() => told({ "src/new/a.ts": 'import "./b.js";', "src/new/b.ts": "" })).toThrow("has no row in the table");
	});
});

describe("the files of src", () => {
	const sources = [...files].filter(([path]) => path.startsWith("src/"));
	const lines = new Map(sources.map(([path, text]) => [path, text.split("\n").length - 1]));

	it(`have ${MAX_LINES} lines at most, but for the known ones`, () => {
		const long = [...lines].filter(([, count]) => count > MAX_LINES).map(([path]) => path);
		expect(long.toSorted()).toEqual(KNOWN.longFiles);
	});

	it(`have a median under ${MAX_MEDIAN_LINES} lines`, () => {
		const sorted = [...lines.values()].toSorted((a, b) => a - b);
		expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(MAX_MEDIAN_LINES);
	});

	it(`are ${MAX_FILES} at most in a folder, but for the known ones`, () => {
		const counts = Map.groupBy(lines.keys(), (path) => dirname(path));
		const large = [...counts].filter(([, paths]) => paths.length > MAX_FILES).map(([folder]) => folder);
		expect(large.toSorted()).toEqual(KNOWN.largeFolders);
	});
});
