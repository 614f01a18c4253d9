import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";
import { cacheFolder } from "./envoy-binary.js";

const run = promisify(execFile);

/** Where the program is, or why it cannot be had. */
export type FoundProgram = { readonly path: string } | { readonly missing: string };

/** The packages of the folders in test/clients. */
const PACKAGES = {
	"go-server": ".",
	grpcurl: "github.com/fullstorydev/grpcurl/cmd/grpcurl",
} as const;

/**
 * Finds a Go program in the cache, or builds it with the versions and checksums that stand in its folder in test/clients.
 * Safe to call from several processes at once: the finished program comes into place by a rename. At most 10 minutes.
 */
export async function goProgram(name: keyof typeof PACKAGES): Promise<FoundProgram> {
	const sources = join(import.meta.dirname, "../clients", name);
	try {
		const place = join(cacheFolder(), "clients", `${name}-${await keyOf(sources)}`);
		const path = join(place, name);
		if (await exists(path)) return { path };
		await mkdir(dirname(place), { recursive: true });
		const temporary = await mkdtemp(`${place}-making-`);
		try {
			const what = ["-trimpath", "-ldflags=-s -w", "-mod=readonly", "-o", join(temporary, name), PACKAGES[name]];
			await run("go", ["build", ...what], { cwd: sources, timeout: 600_000, maxBuffer: 16 << 20 });
			await rename(temporary, place).catch(async (reason: unknown) => {
				// Another process was faster.
				if (!(await exists(path))) throw reason;
			});
		} finally {
			await rm(temporary, { recursive: true, force: true });
		}
		return { path };
	} catch (reason) {
		const { stderr, message } = reason as { stderr?: string; message?: string };
		return { missing: `${name} could not be built with Go: ${stderr?.trim().split("\n").at(-1) || message}` };
	}
}

/** A describe of tests that need the program: without it they are skipped with the reason; with CI=true that is an error. */
export function describeProgram(title: string, found: FoundProgram, body: (path: string) => void): void {
	if ("path" in found) describe(title, () => body(found.path));
	else if (process.env.CI === "true") throw new Error(found.missing);
	else describe.skip(`${title} (skipped: ${found.missing})`, () => body(""));
}

async function keyOf(sources: string): Promise<string> {
	const hash = createHash("sha256").update(process.arch);
	for (const name of (await readdir(sources)).sort())
		hash.update(`\n${name}\n`).update(await readFile(join(sources, name)));
	return hash.digest("hex").slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
