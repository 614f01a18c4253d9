import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, "../..");
const NPM_LIMIT_MS = 60_000;

/** What npm tells its scripts of the package that it runs in would lead another npm elsewhere. */
const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_package_/i.test(name)));

interface Packed {
	readonly unpackedSize: number;
	readonly files: readonly { readonly path: string }[];
}

let packed: Packed;
let paths: readonly string[];

beforeAll(async () => {
	const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
		cwd: ROOT,
		env: ENV,
		timeout: NPM_LIMIT_MS,
		maxBuffer: 16 * 1024 * 1024,
	});
	[packed] = JSON.parse(stdout) as [Packed];
	paths = packed.files.map(({ path }) => path);
});

/** The targets of a page's links that are no addresses, without their headings. */
async function relativeLinks(page: string): Promise<readonly string[]> {
	const text = await readFile(join(ROOT, page), "utf8");
	const links = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = ""]) => link.split("#")[0] ?? "");
	return links.filter((link) => link !== "" && !/^[a-z]+:/.test(link));
}

describe("what npm packs", () => {
	it("is the program, the library with its types, docs, examples and bootstraps", () => {
		expect(paths).toEqual(
			expect.arrayContaining([
				...["README.md", "CHANGELOG.md", "LICENSE", "package.json"],
				...["dist/main.js", "dist/index.js", "dist/index.d.ts"],
				...["docs/library.md", "docs/configuration.md", "docs/fingerpost.schema.json", "docs/providers/dns.md"],
				...["examples/static/fingerpost.yaml", "examples/library/client.mjs", "envoy/README.md"],
			]),
		);
	});

	it("is neither sources nor tests, nor anything of a single machine", () => {
		const top = new Set(paths.map((path) => path.split("/")[0]));
		expect([...top].sort()).toEqual([
			...[
				"CHANGELOG.md",
				"LICENSE",
				"README.md",
				"THIRD-PARTY.md",
				"dist",
				"docs",
				"envoy",
				"examples",
				"package.json",
			],
		]);
		expect(paths.filter((path) => /\.(test\.\w+|tsbuildinfo|tgz|log)$|(^|\/)\./.test(path))).toEqual([]);
		expect(paths.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([]);
		expect(packed.unpackedSize).toBeLessThan(8 * 1024 * 1024);
	});

	it("has what README.md links to, so that the links work where it is installed", async () => {
		const links = await relativeLinks("README.md");
		expect(links.length).toBeGreaterThan(15);
		expect(links.filter((link) => !paths.includes(link))).toEqual([]);
	});
});

describe("npm's page of the package", () => {
	it("can follow the links of README.md: into the repository, where each of them is", async () => {
		const { repository } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
			readonly repository: { readonly type: string; readonly url: string; readonly directory?: string };
		};
		// npm takes a relative link for a path in the repository, if that is on GitHub and the package is not in a folder of it.
		expect(repository).toEqual({
			type: "git",
			url: expect.stringMatching(/^git\+https:\/\/github\.com\/[^/]+\/[^/]+\.git$/),
		});
		const links = await relativeLinks("README.md");
		// From the top of the repository and not out of it.
		expect(links.filter((link) => /^(\/|\.\.)/.test(link) || !existsSync(join(ROOT, link)))).toEqual([]);
	});
});
