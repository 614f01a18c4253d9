import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** What is not the project's own, or not in the repository. */
const SKIPPED = ["node_modules", "dist", ".git", "gen", "coverage", ".cache"];

const pages = new Map(markdownIn(ROOT).map((path) => [relative(ROOT, path), readFileSync(path, "utf8")]));

function markdownIn(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return SKIPPED.includes(entry.name) ? [] : markdownIn(path);
		return entry.name.endsWith(".md") ? [path] : [];
	});
}

/** Without code, which may look like anything. */
function prose(text: string): string {
	return text
		.replaceAll(/^```.*?^```/gms, "")
		.replaceAll(/^( {4}|\t).*$/gm, "")
		.replaceAll(/`[^`\n]*`/g, "");
}

function linksIn(text: string): string[] {
	return [...prose(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = ""]) => link);
}

function relativeLinks(text: string): string[] {
	return linksIn(text).filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
	const seen = new Map<string, number>();
	const anchors = new Set<string>();
	for (const [, heading = ""] of text.replaceAll(/^```.*?^```/gms, "").matchAll(/^#{1,6} (.*)$/gm)) {
		const name = heading
			.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
			.trim()
			.replaceAll(" ", "-");
		const again = seen.get(name) ?? 0;
		seen.set(name, again + 1);
		anchors.add(again === 0 ? name : `${name}-${again}`);
	}
	return anchors;
}

/** Why a link of a page leads nowhere; undefined if it does not. */
function broken(page: string, link: string): string | undefined {
	const [path = "", anchor] = link.split("#");
	const target = path === "" ? page : join(dirname(page), path);
	if (!existsSync(join(ROOT, target))) return `${page}: ${link}`;
	if (anchor === undefined) return undefined;
	const text = pages.get(target);
	return text !== undefined && anchorsOf(text).has(anchor) ? undefined : `${page}: ${link} (no such heading)`;
}

/** Files and folders that are named in prose as `src/…` and the like. A `*` stands for anything, and X or NAME for a name to choose. */
function namedPaths(text: string): string[] {
	return [...text.matchAll(/`((?:src|test|lab|bench|docs|examples|deploy|protos)\/[\w./*-]*)`/g)].map(
		([, path = ""]) => path,
	);
}

function isThere(path: string): boolean {
	if (!path.includes("*")) return existsSync(join(ROOT, path));
	const [folder = "", pattern = ""] = [dirname(path), path.split("/").at(-1)];
	const parts = pattern.split("*");
	return readdirSync(join(ROOT, folder)).some(
		(name) => name.startsWith(parts[0] ?? "") && name.endsWith(parts.at(-1) ?? ""),
	);
}

describe("the pages", () => {
	it("are found, with their links", () => {
		expect([...pages.keys()]).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/protocol.md"]));
		expect([...pages.values()].flatMap(relativeLinks).length).toBeGreaterThan(200);
	});

	it("have no relative link that leads nowhere, to a file or a heading", () => {
		const told = [...pages].flatMap(([page, text]) => relativeLinks(text).flatMap((link) => broken(page, link) ?? []));
		expect(told).toEqual([]);
	});

	it("name no file of the repository that is not there", () => {
		const told = [...pages].flatMap(([page, text]) =>
			namedPaths(text)
				.filter((path) => !path.startsWith("src/gen") && !/\b(X|NAME)\b/.test(path) && !isThere(path))
				.map((path) => `${page}: ${path}`),
		);
		expect(told).toEqual([]);
	});

	it("are all reached from README.md", () => {
		const reached = new Set(["README.md"]);
		for (const page of reached) {
			for (const link of relativeLinks(pages.get(page) ?? "")) {
				const target = join(dirname(page), link.split("#")[0] ?? "");
				if (pages.has(target)) reached.add(target);
			}
			// Outside of the package, so by their address.
			for (const [, path = ""] of (pages.get(page) ?? "").matchAll(/\/fingerpost\/blob\/main\/([\w./-]+\.md)/g))
				if (pages.has(path)) reached.add(path);
		}
		const lost = [...pages.keys()].filter((page) => !reached.has(page) && !page.startsWith(".github/"));
		expect(lost).toEqual([]);
	});
});

describe("README.md in the package", () => {
	it("links to nothing that the package does not bring", () => {
		const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly files: string[] };
		// npm packs these in any case.
		const packed = [...files.filter((entry) => !entry.startsWith("!")), "README.md", "LICENSE", "package.json"];
		const left = files.filter((entry) => entry.startsWith("!")).map((entry) => entry.slice(1));
		const outside = relativeLinks(pages.get("README.md") ?? "")
			.map((link) => link.split("#")[0] ?? "")
			.filter(
				(path) =>
					!packed.some((entry) => path === entry || path.startsWith(`${entry}/`)) ||
					left.some((entry) => path === entry || path.startsWith(`${entry}/`)),
			);
		expect(outside).toEqual([]);
	});
});

describe("what is told of links", () => {
	it("includes a file that is gone, a heading that is gone, and nothing in code", () => {
		expect(broken("docs/cli.md", "gone.md")).toBe("docs/cli.md: gone.md");
		expect(broken("docs/cli.md", "concepts.md#two-views")).toBeUndefined();
		expect(broken("docs/cli.md", "concepts.md#no-views")).toMatch(/no such heading/);
		expect(broken("docs/concepts.md", "#versions-are-content")).toBeUndefined();
		expect(relativeLinks("[a](x.md) `[b](y.md)`\n\n    [c](z.md)\n[d](https://x/y)")).toEqual(["x.md"]);
	});
});
